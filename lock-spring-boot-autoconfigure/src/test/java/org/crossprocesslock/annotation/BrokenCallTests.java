package org.crossprocesslock.annotation;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.engine.GuardedWork;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that a call that cannot begin, or breaks off anywhere, leaves its key free and
 * its thread clean.
 */
class BrokenCallTests {

	private final List<GuardedWork> before = GuardedWork.ofThread();

	private final MemoryLockManager real = new MemoryLockManager(new LockListener() {
	});

	/** Guards that cannot be told what to do when they are lost. */
	private final LockManager locks = proxy(LockManager.class, this.real, false);

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class, FencingAutoConfiguration.class,
				CrossProcessLockedAutoConfiguration.class))
		.withBean("locks", LockManager.class, () -> this.locks)
		.withBean(Work.class);

	private static <T> T proxy(Class<T> type, T target, boolean breaks) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (self, method, arguments) -> {
				if (breaks && method.getName().equals("onLost")) {
					throw new StackOverflowError("no room");
				}
				try {
					Object answer = method.invoke(target, arguments);
					return (answer instanceof LockGuard guard) ? proxy(LockGuard.class, guard, true) : answer;
				}
				catch (InvocationTargetException ex) {
					throw ex.getTargetException();
				}
			}));
	}

	/** Of this test: others may have forgotten guards on this thread. */
	private List<GuardedWork> works() {
		return GuardedWork.ofThread().stream().filter((work) -> !this.before.contains(work)).toList();
	}

	@Test
	void callThatCannotBeginReleasesItsKey() {
		this.runner.run((context) -> {
			assertThatExceptionOfType(StackOverflowError.class)
				.isThrownBy(() -> context.getBean(Work.class).interruptible());
			assertThat(works()).isEmpty();
			this.real.tryLock("key").orElseThrow().close();
		});
	}

	@Test
	void callInsideACallThatCannotBeginLeavesTheOuterOneItsKey() {
		this.runner.run((context) -> {
			Work work = context.getBean(Work.class);
			work.plain(() -> {
				assertThatExceptionOfType(StackOverflowError.class).isThrownBy(work::interruptible);
				assertThat(this.real.tryLock("key")).isEmpty();
				assertThat(works()).hasSize(1);
			});
			assertThat(works()).isEmpty();
			this.real.tryLock("key").orElseThrow().close();
		});
	}

	static class Work {

		@CrossProcessLocked(key = "key", onLost = OnLost.INTERRUPT)
		public void interruptible() {
		}

		@CrossProcessLocked(key = "key", waitTime = "1s")
		public void plain(Runnable body) {
			body.run();
		}

	}

}
