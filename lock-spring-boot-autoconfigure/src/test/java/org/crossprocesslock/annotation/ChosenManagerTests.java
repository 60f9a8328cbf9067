package org.crossprocesslock.annotation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.file.PerKeyFileLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.config.BeanDefinitionCustomizer;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the choice of a {@link LockManager} bean by {@link CrossProcessLocked}.
 */
class ChosenManagerTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class,
				CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withPropertyValues("locks=fast");

	@TempDir
	@SuppressWarnings("NullAway.Init")
	private Path directory;

	private LockManager in(String name) {
		try {
			// locks in memory are the same for all managers
			return PerKeyFileLockManager.open(Files.createDirectories(this.directory.resolve(name)),
					new LockListener() {
					});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private ApplicationContextRunner both() {
		return this.contextRunner
			.withBean("usual", LockManager.class, () -> in("usual"), (definition) -> definition.setPrimary(true))
			.withBean("other", LockManager.class, () -> in("other"))
			.withInitializer((context) -> context.getBeanFactory().registerAlias("other", "fast"));
	}

	@Test
	void eachMethodIsLockedByTheManagerItNames() {
		both().withBean(Work.class).run((context) -> {
			LockManager usual = context.getBean("usual", LockManager.class);
			LockManager other = context.getBean("other", LockManager.class);
			Work work = context.getBean(Work.class);
			work.byOther(() -> {
				assertThat(other.tryLock("same")).isEmpty();
				assertThat(usual.tryLock("same")).hasValueSatisfying((guard) -> guard.close());
				// the same key of another manager is another lock, and both are
				// re-entrant
				work.byUsual(() -> {
					assertThat(usual.tryLock("same")).isEmpty();
					work.byAlias(() -> work.byName(() -> assertThat(other.tryLock("same")).isEmpty()));
				});
				assertThat(usual.tryLock("same")).hasValueSatisfying((guard) -> guard.close());
			});
			try (LockGuard guard = other.tryLock("same").orElseThrow()) {
				assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> work.byAlias(() -> {
				}));
				assertThat(guard.isHeld()).isTrue();
			}
		});
	}

	@Test
	void theUsualOneIsKnownByItsNameHoweverItIsChosen() {
		List<BeanDefinitionCustomizer> reasons = List.of((definition) -> definition.setFallback(true),
				(definition) -> ((AbstractBeanDefinition) definition).setDefaultCandidate(false));
		for (BeanDefinitionCustomizer reason : reasons) {
			this.contextRunner.withBean("usual", LockManager.class, () -> in("usual"))
				.withBean("other", LockManager.class, () -> in("other"), reason)
				.withInitializer((context) -> context.getBeanFactory().registerAlias("other", "fast"))
				.withBean(Work.class)
				.run(ChosenManagerTests::byUsualAndByName);
		}
	}

	@Test
	void theUsualOneOfAContextAboveIsKnownByItsName() {
		both().run((parent) -> this.contextRunner.withParent(parent)
			.withBean(Work.class)
			.run(ChosenManagerTests::byUsualAndByName));
	}

	private static void byUsualAndByName(ApplicationContext context) {
		Work work = context.getBean(Work.class);
		List<String> done = new ArrayList<>();
		work.byUsual(() -> work.byName(() -> done.add("by name")));
		assertThat(done).containsExactly("by name");
	}

	@Test
	void workThatGoesOnIsLockedByTheManagerItNames() {
		both().withBean(LaterWork.class).run((context) -> {
			LockManager usual = context.getBean("usual", LockManager.class);
			LockManager other = context.getBean("other", LockManager.class);
			LaterWork work = context.getBean(LaterWork.class);
			List<UnaryOperator<CompletableFuture<String>>> calls = List.of(work::stage,
					(end) -> work.mono(Mono.fromFuture(end)).toFuture(),
					(end) -> work.mono(work.mono(Mono.fromFuture(end))).toFuture());
			for (UnaryOperator<CompletableFuture<String>> call : calls) {
				CompletableFuture<String> end = new CompletableFuture<>();
				CompletableFuture<String> answer = call.apply(end);
				Soon.until(() -> isHeld(other));
				assertThat(isHeld(usual)).isFalse();
				end.complete("done");
				assertThat(answer).succeedsWithin(Soon.LIMIT).isEqualTo("done");
				assertThat(isHeld(other)).isFalse();
			}
		});
	}

	/** The same key of another manager is another lock. */
	@Test
	void subscriptionsJoinCallsOfTheirOwnManagerOnly() {
		both().withBean(LaterWork.class).run((context) -> {
			LockManager usual = context.getBean("usual", LockManager.class);
			LockManager other = context.getBean("other", LockManager.class);
			LaterWork work = context.getBean(LaterWork.class);
			Mono<String> seen = Mono.fromSupplier(() -> isHeld(usual) + " " + isHeld(other));
			assertThat(work.mono(work.usual(work.mono(seen))).block(Soon.LIMIT)).isEqualTo("true true");
			assertThat(work.usual(seen).block(Soon.LIMIT)).isEqualTo("true false");
			assertThat(work.mono(seen).block(Soon.LIMIT)).isEqualTo("false true");
			assertThat(work.synchronous(() -> work.mono(work.usual(seen)).block(Soon.LIMIT))).isEqualTo("true true");
			assertThat(isHeld(usual) || isHeld(other)).isFalse();
		});
	}

	private static boolean isHeld(LockManager locks) {
		Optional<LockGuard> guard = locks.tryLock("same");
		guard.ifPresent(LockGuard::close);
		return guard.isEmpty();
	}

	@Test
	void aManagerThatIsNotThereIsRefused() {
		both().withBean(Unknown.class)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("Unknown.run")
				.hasMessageContaining("no LockManager bean 'nowhere'")
				.hasMessageContaining("[usual, other]"));
	}

	@Test
	void severalWithoutAPrimaryOneAreFineWhereAllMethodsNameOne() {
		this.contextRunner.withBean("one", LockManager.class, () -> in("one"))
			.withBean("two", LockManager.class, () -> in("two"))
			.withBean(Named.class)
			.run((context) -> {
				context.getBean(Named.class).run(() -> {
					assertThat(context.getBean("two", LockManager.class).tryLock("same")).isEmpty();
					assertThat(context.getBean("one", LockManager.class).tryLock("same")).isPresent();
				});
			});
	}

	static class Work {

		@CrossProcessLocked(key = "same")
		public void byUsual(Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "same", manager = "other")
		public void byOther(Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "same", manager = "${locks}", waitTime = "0s")
		public void byAlias(Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "same", manager = "usual", waitTime = "0s")
		public void byName(Runnable work) {
			work.run();
		}

	}

	static class LaterWork {

		@CrossProcessLocked(key = "same", manager = "other", waitTime = "0s")
		public CompletableFuture<String> stage(CompletableFuture<String> work) {
			return work;
		}

		@CrossProcessLocked(key = "same", manager = "other", waitTime = "0s")
		public Mono<String> mono(Mono<String> work) {
			return work;
		}

		@CrossProcessLocked(key = "same", waitTime = "0s")
		public Mono<String> usual(Mono<String> work) {
			return work;
		}

		@CrossProcessLocked(key = "same", manager = "other", waitTime = "0s")
		public @Nullable String synchronous(Supplier<@Nullable String> work) {
			return work.get();
		}

	}

	static class Unknown {

		@CrossProcessLocked(key = "same", manager = "nowhere")
		public void run() {
		}

	}

	static class Named {

		@CrossProcessLocked(key = "same", manager = "two")
		public void run(Runnable work) {
			work.run();
		}

	}

}
