package org.crossprocesslock.annotation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what a call is told that waits for another thread of its own process.
 */
class HolderInThisProcessTests {

	private final MemoryLockManager locks = new MemoryLockManager(new LockListener() {
	});

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> this.locks)
		.withBean(Work.class);

	@Test
	void isNamedWithItsThread() {
		this.runner.run((context) -> {
			Work work = context.getBean(Work.class);
			work.run(() -> assertThatExceptionOfType(CompletionException.class)
				.isThrownBy(() -> CompletableFuture.runAsync(() -> work.run(() -> {
				})).join())
				.havingCause()
				.isInstanceOf(LockTimeoutException.class)
				.withMessageContaining("this process, thread " + Thread.currentThread().getName()));
		});
	}

	@Test
	void isNotNamedWhereItIsNotKnown() {
		this.runner.run((context) -> {
			Work work = context.getBean(Work.class);
			work.run(() -> {
			});
			try (LockGuard elsewhere = this.locks.tryLock("work").orElseThrow()) {
				assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> work.run(() -> {
				})).satisfies((ex) -> assertThat(ex.getHolder()).isNull());
			}
		});
	}

	static class Work {

		@CrossProcessLocked(key = "work", waitTime = "50ms")
		public void run(Runnable body) {
			body.run();
		}

	}

}
