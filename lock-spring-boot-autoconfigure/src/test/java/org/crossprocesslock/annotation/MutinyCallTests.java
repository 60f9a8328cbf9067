package org.crossprocesslock.annotation;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.operators.multi.processors.UnicastProcessor;
import io.smallrye.mutiny.subscription.Cancellable;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
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
 * Tests for methods that answer types of Mutiny, which Spring adapts.
 */
class MutinyCallTests {

	private final MemoryLockManager locks = new MemoryLockManager();

	private final CompletableFuture<String> work = new CompletableFuture<>();

	private final UnicastProcessor<String> works = UnicastProcessor.create();

	private void run(LockManager manager, JobsCheck check) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> manager)
			.withBean(Jobs.class)
			.run((context) -> {
				check.accept(context.getBean(Jobs.class));
				Soon.until(this::isFree);
			});
	}

	private boolean isFree() {
		return this.locks.tryLock("job").map((guard) -> {
			guard.close();
			return true;
		}).orElse(false);
	}

	private static <T> T get(Uni<T> uni) throws Exception {
		return uni.subscribeAsCompletionStage().get(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	@Test
	void everySubscriptionOfAUniRunsUnderTheLock() {
		run(this.locks, (jobs) -> {
			AtomicInteger runs = new AtomicInteger();
			Uni<Boolean> call = jobs.free(() -> {
				runs.incrementAndGet();
				return isFree();
			});
			assertThat(runs).hasValue(0);
			assertThat(get(call)).isFalse();
			assertThat(get(call)).isFalse();
			assertThat(runs).hasValue(2);
		});
	}

	@Test
	void lockIsHeldUntilTheUniIsDone() {
		run(this.locks, (jobs) -> {
			CompletableFuture<Boolean> freeAtEnd = jobs.uni(this.work)
				.map((value) -> isFree())
				.subscribeAsCompletionStage();
			Soon.until(() -> this.work.getNumberOfDependents() > 0);
			assertThat(isFree()).isFalse();
			this.work.complete("done");
			assertThat(freeAtEnd.get(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		});
	}

	@Test
	void uniWithoutAValueIsReleased() {
		run(this.locks, (jobs) -> {
			this.work.complete(null);
			assertThat(get(jobs.uni(this.work))).isNull();
		});
	}

	@Test
	void lockIsHeldUntilTheMultiIsDone() {
		run(this.locks, (jobs) -> {
			List<String> seen = new CopyOnWriteArrayList<>();
			CompletableFuture<Boolean> freeAtEnd = new CompletableFuture<>();
			Cancellable call = jobs.multi(this.works)
				.subscribe()
				.with(seen::add, freeAtEnd::completeExceptionally, () -> freeAtEnd.complete(isFree()));
			this.works.onNext("first");
			Soon.until(() -> seen.contains("first"));
			assertThat(isFree()).isFalse();
			this.works.onComplete();
			assertThat(freeAtEnd.get(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			call.cancel();
		});
	}

	@Test
	void cancellationIsPassedOnAndFreesTheKey() {
		run(this.locks, (jobs) -> {
			List<String> seen = new CopyOnWriteArrayList<>();
			Cancellable multi = jobs.multi(this.works).subscribe().with(seen::add);
			this.works.onNext("first");
			Soon.until(() -> seen.contains("first"));
			multi.cancel();
			Soon.until(this::isFree);
			Cancellable uni = jobs.uni(this.work).subscribe().with(seen::add);
			Soon.until(() -> this.work.getNumberOfDependents() > 0);
			assertThat(isFree()).isFalse();
			uni.cancel();
			Soon.until(this::isFree);
			assertThat(this.work).isCancelled();
		});
	}

	@Test
	void busyKeyIsAFailureOrSkipped() {
		run(this.locks, (jobs) -> {
			this.work.complete("done");
			try (LockGuard guard = this.locks.tryLock("job").orElseThrow()) {
				assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> get(jobs.uni(this.work)))
					.havingCause()
					.isInstanceOf(LockTimeoutException.class)
					.withMessageContaining(guard.key());
				assertThat(get(jobs.orSkip(this.work))).isNull();
			}
		});
	}

	@Test
	void lostLockIsAFailureAndCancelsTheWork() {
		LosableLockManager losable = new LosableLockManager();
		run(losable, (jobs) -> {
			CompletableFuture<String> call = jobs.uni(this.work).subscribeAsCompletionStage();
			Soon.until(() -> this.work.getNumberOfDependents() > 0);
			losable.loseAll();
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> call.get(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS))
				.havingCause()
				.isInstanceOf(LockLostException.class);
			assertThat(this.work).isCancelled();
			assertThat(losable.events).containsExactly("acquire job", "release job");
		});
	}

	/** What a test does with the bean. */
	interface JobsCheck {

		void accept(Jobs jobs) throws Exception;

	}

	/** Methods that answer types of Mutiny. */
	static class Jobs {

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public Uni<String> uni(CompletableFuture<String> work) {
			return Uni.createFrom().completionStage(work);
		}

		@CrossProcessLocked(key = "job", waitTime = "1m")
		public Uni<Boolean> free(Supplier<Boolean> free) {
			return Uni.createFrom().item(free);
		}

		@CrossProcessLocked(key = "job", waitTime = "0s", onBusy = OnBusy.SKIP)
		public Uni<String> orSkip(CompletableFuture<String> work) {
			return Uni.createFrom().completionStage(work);
		}

		@CrossProcessLocked(key = "job", waitTime = "0s")
		public Multi<String> multi(Multi<String> works) {
			return works;
		}

	}

}
