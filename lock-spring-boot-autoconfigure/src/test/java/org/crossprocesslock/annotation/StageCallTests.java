package org.crossprocesslock.annotation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.support.AopUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for methods that answer a stage, under whose lock the work goes on after they
 * have returned.
 */
class StageCallTests {

	private static final Duration LIMIT = Soon.LIMIT;

	private final MemoryLockManager locks = new MemoryLockManager();

	private final CompletableFuture<String> work = new CompletableFuture<>();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withBean(LockManager.class, () -> this.locks, (definition) -> definition.setDestroyMethodName(""))
		.withBean(Jobs.class)
		.withBean(Outer.class);

	private void run(JobsCheck check) {
		this.runner.run((context) -> {
			check.accept(context.getBean(Jobs.class));
			assertThat(isFree()).isTrue();
		});
	}

	private boolean isFree() {
		Optional<LockGuard> guard = this.locks.tryLock("job");
		guard.ifPresent(LockGuard::close);
		return guard.isPresent();
	}

	private static <T> T get(CompletionStage<T> stage) throws Exception {
		return stage.toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	private static Throwable failureOf(CompletionStage<?> stage) {
		try {
			throw new AssertionError("answered " + get(stage));
		}
		catch (ExecutionException ex) {
			return Objects.requireNonNull(ex.getCause());
		}
		catch (CancellationException ex) {
			return ex;
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	void lockIsHeldUntilTheWorkIsDoneAndReleasedBeforeTheCallerHearsOfIt() {
		run((jobs) -> {
			CompletableFuture<String> answer = jobs.future(() -> this.work);
			CompletableFuture<Boolean> freeAfterIt = answer.thenApply((value) -> isFree());
			assertThat(answer).isNotDone();
			assertThat(isFree()).isFalse();
			this.work.complete("done");
			assertThat(get(answer)).isEqualTo("done");
			assertThat(get(freeAfterIt)).isTrue();
		});
	}

	@Test
	void stageThatIsDoneIsReleased() {
		run((jobs) -> assertThat(get(jobs.stage(() -> CompletableFuture.completedFuture("done")))).isEqualTo("done"));
	}

	@Test
	void workUnderTheLockRunsOnTheCallersThreadUpToTheReturn() {
		run((jobs) -> {
			List<Thread> threads = new ArrayList<>();
			get(jobs.stage(() -> {
				threads.add(Thread.currentThread());
				assertThat(isFree()).isFalse();
				return CompletableFuture.completedFuture("done");
			}));
			assertThat(threads).containsExactly(Thread.currentThread());
		});
	}

	@Test
	void failureOfTheWorkIsToldAsItIs() {
		run((jobs) -> {
			CompletionStage<String> answer = jobs.stage(() -> this.work);
			IllegalStateException failure = new IllegalStateException("of the work");
			this.work.completeExceptionally(failure);
			assertThat(failureOf(answer)).isSameAs(failure);
		});
	}

	@Test
	void failureOfADependentStageIsToldAsItWouldBe() {
		run((jobs) -> {
			IllegalStateException failure = new IllegalStateException("of the work");
			CompletableFuture<String> answer = jobs.future(() -> this.work.thenApply((value) -> {
				throw failure;
			}));
			this.work.complete("");
			assertThat(failureOf(answer)).isSameAs(failure);
		});
	}

	@Test
	void exceptionBeforeThereIsAStageIsThrown() {
		run((jobs) -> assertThatIllegalStateException().isThrownBy(() -> jobs.stage(() -> {
			throw new IllegalStateException("before");
		})).withMessage("before"));
	}

	@Test
	void nullInsteadOfAStageIsWorkThatIsDone() {
		run((jobs) -> assertThat(get(jobs.stage(() -> null))).isNull());
	}

	@Test
	void cancellingTheAnswerDoesNotReleaseWhatTheWorkStillNeeds() {
		run((jobs) -> {
			CompletableFuture<String> answer = jobs.future(() -> this.work);
			assertThat(answer.cancel(true)).isTrue();
			assertThat(this.work).isNotDone();
			assertThat(isFree()).isFalse();
			this.work.complete("done");
			Soon.until(this::isFree);
		});
	}

	@Test
	void timeLimitOfTheAnswerDoesNotReleaseWhatTheWorkStillNeeds() {
		run((jobs) -> {
			CompletableFuture<String> answer = jobs.future(() -> this.work).orTimeout(1, TimeUnit.MILLISECONDS);
			assertThat(failureOf(answer)).isInstanceOf(TimeoutException.class);
			assertThat(isFree()).isFalse();
			this.work.complete("done");
			Soon.until(this::isFree);
		});
	}

	@Test
	void cancelledWorkIsDone() {
		run((jobs) -> {
			CompletableFuture<String> answer = jobs.future(() -> this.work);
			this.work.cancel(true);
			assertThat(failureOf(answer)).isInstanceOf(CancellationException.class);
			assertThat(answer).isCancelled();
		});
	}

	@Test
	void busyKeyFailsTheStage() {
		run((jobs) -> {
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				assertThat(failureOf(jobs.stage(() -> this.work))).isInstanceOf(LockTimeoutException.class);
			}
		});
	}

	@Test
	void skippedCallAnswersAStageWithoutAValue() {
		run((jobs) -> {
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				assertThat(get(jobs.orSkip(() -> this.work))).isNull();
				assertThat(get(jobs.orEmpty())).isEmpty();
			}
		});
	}

	@Test
	void interruptedCallerGetsAFailedStageAndKeepsItsFlag() {
		run((jobs) -> {
			Thread.currentThread().interrupt();
			CompletionStage<String> answer = jobs.stage(() -> this.work);
			assertThat(Thread.interrupted()).isTrue();
			assertThat(failureOf(answer)).isInstanceOf(LockInterruptedException.class);
		});
	}

	@Test
	void badKeyIsThrown() {
		run((jobs) -> assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> jobs.withKey("a b"))
			.withMessageContaining("withKey"));
	}

	@Test
	void callersExcludeEachOther() {
		run((jobs) -> {
			CompletableFuture<String> first = jobs.future(() -> this.work);
			CompletableFuture<String> second = CompletableFuture
				.supplyAsync(() -> jobs.patient(() -> CompletableFuture.completedFuture("second")).join());
			Soon.until(() -> this.locks.inspection().orElseThrow().report(0).requests() > 0);
			assertThat(second).isNotDone();
			this.work.complete("first");
			assertThat(get(first)).isEqualTo("first");
			assertThat(get(second)).isEqualTo("second");
		});
	}

	@Test
	void threadThatHasReturnedHoldsNothingItself() {
		run((jobs) -> {
			CompletableFuture<String> answer = jobs.future(() -> this.work);
			assertThat(failureOf(jobs.stage(() -> CompletableFuture.completedFuture("again"))))
				.isInstanceOf(LockTimeoutException.class);
			this.work.complete("done");
			get(answer);
		});
	}

	@Test
	void callInTheMethodItselfIsReentrant() {
		run((jobs) -> assertThat(get(jobs.stage(() -> jobs.stage(() -> CompletableFuture.completedFuture("inner")))))
			.isEqualTo("inner"));
	}

	@Test
	void lockOutlivesTheSynchronousCallItWasTakenBy() {
		this.runner.run((context) -> {
			Jobs jobs = context.getBean(Jobs.class);
			Outer outer = context.getBean(Outer.class);
			List<CompletableFuture<String>> answers = new ArrayList<>();
			outer.run(() -> answers.add(jobs.future(() -> this.work)));
			CompletableFuture<String> answer = answers.get(0);
			assertThat(isFree()).isFalse();
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> outer.run(answers::clear));
			this.work.complete("done");
			assertThat(get(answer)).isEqualTo("done");
			assertThat(isFree()).isTrue();
		});
	}

	@Test
	void closingTheManagerLosesTheLockAndFailsTheStage() {
		this.runner.run((context) -> {
			CompletableFuture<String> answer = context.getBean(Jobs.class).future(() -> this.work);
			this.locks.close();
			assertThat(answer).isNotDone();
			this.work.complete("done");
			assertThat(failureOf(answer)).isInstanceOf(LockLostException.class);
		});
	}

	@Test
	void lostLockFailsAStageThatSucceeds() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			CompletableFuture<String> answer = jobs.future(() -> this.work);
			losable.loseAll();
			assertThat(answer).isNotDone();
			this.work.complete("done");
			assertThat(failureOf(answer)).isInstanceOf(LockLostException.class);
			assertThat(losable.events).containsExactly("acquire job", "release job");
		});
	}

	@Test
	void lostLockIsSuppressedInTheFailureOfTheWork() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			CompletableFuture<String> answer = jobs.future(() -> this.work);
			losable.loseAll();
			this.work.completeExceptionally(new IllegalStateException("of the work"));
			assertThat(failureOf(answer)).hasMessage("of the work")
				.satisfies(
						(ex) -> assertThat(ex.getSuppressed()).singleElement().isInstanceOf(LockLostException.class));
		});
	}

	@Test
	void lossInTheMethodItselfFailsTheStage() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			CompletableFuture<String> answer = jobs.future(() -> {
				losable.loseAll();
				return this.work;
			});
			assertThat(answer).isNotDone();
			this.work.complete("done");
			assertThat(failureOf(answer)).isInstanceOf(LockLostException.class);
		});
	}

	@Test
	void itIsReleasedOnceHoweverALossMeetsTheEnd() {
		LosableLockManager losable = new LosableLockManager();
		withLosable(losable, (jobs) -> {
			for (int i = 0; i < 300; i++) {
				losable.events.clear();
				CompletableFuture<String> running = new CompletableFuture<>();
				CompletableFuture<String> answer = jobs.future(() -> running);
				CountDownLatch start = new CountDownLatch(1);
				CompletableFuture<Void> loser = CompletableFuture.runAsync(() -> {
					await(start);
					losable.loseAll();
				});
				start.countDown();
				running.complete("done");
				get(loser);
				if (answer.handle((value, failure) -> failure != null).get(30, TimeUnit.SECONDS)) {
					assertThat(failureOf(answer)).isInstanceOf(LockLostException.class);
				}
				assertThat(losable.events).containsExactly("acquire job", "release job");
			}
		});
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void declarationsOfInterfacesAreSeenWithBothKindsOfProxies(boolean byClass) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withPropertyValues("spring.aop.proxy-target-class=" + byClass)
			.withBean(LockManager.class, () -> this.locks)
			.withBean(Implementation.class, () -> new Implementation(this.work))
			.run((context) -> {
				Declared<?> declared = context.getBean(Declared.class);
				assertThat(AopUtils.isCglibProxy(declared)).isEqualTo(byClass);
				CompletionStage<?> generic = (CompletionStage<?>) declared.generic();
				assertThat(isFree()).isFalse();
				this.work.complete("done");
				assertThat(get(generic)).isEqualTo("done");
				assertThat(get(declared.byDefault(this::isFree))).isFalse();
				assertThat(isFree()).isTrue();
			});
	}

	private void withLosable(LosableLockManager losable, JobsCheck check) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> losable)
			.withBean(Jobs.class)
			.run((context) -> check.accept(context.getBean(Jobs.class)));
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	/** What a test does with the bean. */
	interface JobsCheck {

		void accept(Jobs jobs) throws Exception;

	}

	/** A method that bridges answer, and one that classes inherit. */
	interface Declared<T> {

		@CrossProcessLocked(key = "job", waitTime = "0s")
		T generic();

		@CrossProcessLocked(key = "job", waitTime = "0s")
		default CompletionStage<Boolean> byDefault(Supplier<Boolean> work) {
			return CompletableFuture.completedFuture(work.get());
		}

	}

	static class Implementation implements Declared<CompletionStage<String>> {

		private final CompletableFuture<String> work;

		Implementation(CompletableFuture<String> work) {
			this.work = work;
		}

		@Override
		public CompletionStage<String> generic() {
			return this.work;
		}

	}

	/** Methods whose work goes on. */
	static class Jobs {

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public CompletableFuture<String> future(Supplier<CompletableFuture<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public CompletionStage<String> stage(Supplier<@Nullable CompletionStage<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "1m")
		public CompletableFuture<String> patient(Supplier<CompletableFuture<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
		public CompletionStage<String> orSkip(Supplier<CompletionStage<String>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
		public CompletionStage<Optional<String>> orEmpty() {
			return CompletableFuture.completedFuture(Optional.of("done"));
		}

		@CrossProcessLocked(key = "#{#p0}", waitTime = "0s")
		public CompletionStage<String> withKey(String key) {
			return CompletableFuture.completedFuture(key);
		}

	}

	/** A synchronous method around others. */
	static class Outer {

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public void run(Runnable work) {
			work.run();
		}

	}

}
