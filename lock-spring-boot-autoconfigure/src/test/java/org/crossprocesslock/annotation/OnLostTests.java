package org.crossprocesslock.annotation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for what a lost lock does to the method that runs under it.
 */
class OnLostTests {

	private final LosableLockManager locks = new LosableLockManager();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> this.locks)
		.withBean(Inner.class)
		.withBean(Jobs.class);

	@Test
	void methodThatWaitsIsInterrupted() {
		run((jobs) -> {
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> jobs.interrupted(() -> {
				this.locks.loseAll();
				waitForEver();
			})).satisfies((ex) -> assertThat(ex.getSuppressed()).singleElement().isInstanceOf(LockLostException.class));
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		});
	}

	@Test
	void interruptThatTheMethodHasNotNoticedIsTakenBack() {
		run((jobs) -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> jobs.interrupted(() -> {
				this.locks.loseAll();
				untilInterrupted();
			}));
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		});
	}

	@Test
	void interruptOfSomebodyElseIsKept() {
		run((jobs) -> {
			jobs.interrupted(() -> Thread.currentThread().interrupt());
			assertThat(Thread.interrupted()).isTrue();
		});
	}

	@Test
	void oneCallbackInterruptsHoweverManyCallsAskForIt() {
		TellingGuard guard = new TellingGuard();
		Hold hold = hold(guard);
		try (LockedCall outer = call(hold, OnLost.INTERRUPT)) {
			hold.keep();
			call(hold, OnLost.INTERRUPT).close();
			assertThat(guard.callbacks).hasSize(1);
			guard.callbacks.forEach(Runnable::run);
			guard.callbacks.forEach(Runnable::run);
			assertThat(Thread.interrupted()).isTrue();
			guard.callbacks.forEach(Runnable::run);
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		}
	}

	@Test
	void nothingInterruptsACallThatDoesNotAskForIt() {
		TellingGuard guard = new TellingGuard();
		call(hold(guard), OnLost.FAIL).close();
		assertThat(guard.callbacks).isEmpty();
	}

	@Test
	void threadIsNotInterruptedAfterItHasLeftTheMethod() {
		TellingGuard guard = new TellingGuard();
		call(hold(guard), OnLost.INTERRUPT).close();
		guard.callbacks.forEach(Runnable::run);
		assertThat(guard.callbacks).hasSize(1);
		assertThat(Thread.currentThread().isInterrupted()).isFalse();
	}

	@Test
	void callInsideOneThatDoesNotAskForItIsInterruptedWhileItRuns() {
		run((jobs) -> assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> jobs.failed(() -> {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> jobs.reentered(() -> {
				this.locks.loseAll();
				untilInterrupted();
			}));
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		})));
	}

	// on this thread, which a waiting method would leave
	private static void untilInterrupted() {
		long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
		while (!Thread.currentThread().isInterrupted()) {
			assertThat(System.nanoTime()).isLessThan(deadline);
			Thread.onSpinWait();
		}
	}

	private static void waitForEver() throws InterruptedException {
		new CountDownLatch(1).await();
	}

	private static Hold hold(LockGuard guard) {
		return new Hold(guard, LockMode.EXCLUSIVE, true, () -> {
		});
	}

	private static LockedCall call(Hold hold, OnLost onLost) {
		return new LockedCall(hold, Fencing.OFF, onLost, false, null);
	}

	private void run(JobsCheck check) {
		this.runner.run((context) -> check.accept(context.getBean(Jobs.class)));
	}

	/** A guard whose callbacks the test runs. */
	static final class TellingGuard implements LockGuard {

		final List<Runnable> callbacks = new ArrayList<>();

		@Override
		public String key() {
			return "job";
		}

		@Override
		public long fencingToken() {
			return 1;
		}

		@Override
		public boolean isHeld() {
			return true;
		}

		@Override
		public void checkHeld() {
		}

		@Override
		public boolean isDirty() {
			return false;
		}

		@Override
		public void clearDirty() {
		}

		@Override
		public void onLost(Runnable callback) {
			this.callbacks.add(callback);
		}

		@Override
		public void close() {
		}

		@Override
		public CompletableFuture<Void> closeAsync() {
			return CompletableFuture.completedFuture(null);
		}

	}

	/** What a test does with the bean. */
	interface JobsCheck {

		void accept(Jobs jobs) throws Exception;

	}

	/** The body of a method. */
	interface Body {

		void run() throws InterruptedException;

	}

	/** The inner of two calls. */
	static class Inner {

		@CrossProcessLocked(key = "job", onLost = OnLost.INTERRUPT)
		public void run(Body body) throws InterruptedException {
			body.run();
		}

	}

	/** Methods under a lock. */
	static class Jobs {

		private final Inner inner;

		Jobs(Inner inner) {
			this.inner = inner;
		}

		@CrossProcessLocked(key = "job", onLost = OnLost.INTERRUPT)
		public void interrupted(Body body) throws InterruptedException {
			body.run();
		}

		@CrossProcessLocked(key = "job")
		public void failed(Body body) throws InterruptedException {
			body.run();
		}

		public void reentered(Body body) throws InterruptedException {
			this.inner.run(body);
		}

	}

}
