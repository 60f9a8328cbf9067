package org.crossprocesslock.annotation;

import java.util.function.Supplier;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for calls between the beans of two contexts, each with its auto-configuration.
 */
class ContextHierarchyTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(Work.class);

	private final ApplicationContextRunner above = this.contextRunner.withBean("locks", LockManager.class,
			MemoryLockManager::new);

	@Test
	void callInsideACallRunsUnderTheLockThatIsThere() {
		this.above.run((parent) -> this.contextRunner.withParent(parent).run((child) -> {
			Work inner = parent.getBean(Work.class);
			Work outer = child.getBean(Work.class);
			assertThat(outer).isNotSameAs(inner);
			assertThat(outer.run(() -> inner.run(() -> "done"))).isEqualTo("done");
			assertThat(inner.run(() -> outer.run(() -> "done"))).isEqualTo("done");
		}));
	}

	@Test
	void subscriptionInsideASubscriptionRunsUnderTheLockThatIsThere() {
		this.above.run((parent) -> this.contextRunner.withParent(parent).run((child) -> {
			Work inner = parent.getBean(Work.class);
			Work outer = child.getBean(Work.class);
			assertThat(outer.later(inner.later(Mono.just("done"))).block(Soon.LIMIT)).isEqualTo("done");
			assertThat(inner.later(outer.later(Mono.just("done"))).block(Soon.LIMIT)).isEqualTo("done");
		}));
	}

	/** It is another lock, which happens to exclude the first here. */
	@Test
	void callInsideACallDoesNotJoinTheLockOfAnotherManager() {
		this.above.run((parent) -> this.above.withParent(parent)
			.run((child) -> assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> child.getBean(Work.class).run(() -> parent.getBean(Work.class).run(() -> "done")))));
	}

	static class Work {

		@CrossProcessLocked(key = "work", waitTime = "0s")
		public Object run(Supplier<Object> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "work", waitTime = "0s")
		public Mono<String> later(Mono<String> work) {
			return work;
		}

	}

}
