package org.crossprocesslock;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

/** Exclusion itself. */
interface LockingContract extends ContractFixture {

	@Test
	default void aReleasedKeyCanBeAcquiredAgain() throws InterruptedException {
		manager().lock(key(), Eventually.LIMIT).close();
		try (LockGuard guard = manager().lock(key(), Eventually.LIMIT)) {
			assertThat(guard.isHeld()).isTrue();
			assertThat(guard.key()).isEqualTo(key());
		}
	}

	@Test
	default void aHeldKeyIsBusyUntilItIsReleased() throws InterruptedException {
		try (LockGuard guard = acquire()) {
			assertThat(manager().tryLock(key())).isEmpty();
			assertThat(manager().tryLock(request(Duration.ZERO))).isEmpty();
			assertThat(guard.isHeld()).isTrue();
		}
		assertThat(isFree()).isTrue();
	}

	@Test
	default void distinctKeysDoNotBlockEachOther() {
		try (LockGuard first = acquire(); LockGuard second = manager().tryLock(key() + ".second").orElseThrow()) {
			assertThat(first.isHeld()).isTrue();
			assertThat(second.isHeld()).isTrue();
		}
	}

	@Test
	default void keysThatDifferInCaseAreDifferent() {
		try (LockGuard lower = acquire();
				LockGuard upper = manager().tryLock(key().toUpperCase(Locale.ROOT)).orElseThrow()) {
			assertThat(lower.isHeld()).isTrue();
			assertThat(upper.isHeld()).isTrue();
		}
	}

	@Test
	default void exactlyOneOfTenRacersWins() throws Exception {
		CyclicBarrier barrier = new CyclicBarrier(10);
		List<Background<Optional<LockGuard>>> racers = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			racers.add(Background.call(() -> {
				barrier.await();
				return manager().tryLock(key());
			}));
		}
		List<LockGuard> winners = new ArrayList<>();
		for (Background<Optional<LockGuard>> racer : racers) {
			racer.join().ifPresent(winners::add);
		}
		assertThat(winners).hasSize(1);
		winners.get(0).close();
	}

	@Test
	default void aSecondManagerIsExcluded() {
		assumeThat(sharesKeysWithASecondManager()).isTrue();
		LockManager second = manager(new LockListener() {
		});
		try (LockGuard guard = acquire()) {
			assertThat(second.tryLock(key())).isEmpty();
			assertThat(guard.isHeld()).isTrue();
		}
		Optional<LockGuard> guard = second.tryLock(key());
		assertThat(guard).isPresent();
		assertThat(manager().tryLock(key())).isEmpty();
		guard.orElseThrow().close();
	}

	@Test
	default void anotherProcessIsExcludedAndGetsTheKeyAfterwards() throws Exception {
		Optional<LockManager> present = anotherProcess();
		assumeThat(present).isPresent();
		LockManager other = present.orElseThrow();
		LockGuard guard = acquire();
		assertThat(other.tryLock(key())).isEmpty();
		Background<LockGuard> waiter = Background.call(() -> other.lock(key(), Eventually.LIMIT)).untilItWaits();
		assertThat(waiter.isDone()).isFalse();
		guard.close();
		try (LockGuard theirs = waiter.join()) {
			assertThat(theirs.fencingToken()).isGreaterThan(guard.fencingToken());
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> manager().lock(key(), Duration.ofMillis(200)));
		}
	}

	@Test
	default void noUpdateIsLostBetweenTwoHundredThreads() throws Exception {
		int threads = 200;
		int[] counter = new int[1];
		ExecutorService executor = executorOfVirtualThreadsIfThereAre();
		try {
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				futures.add(executor.submit(() -> {
					try (LockGuard guard = manager().lock(key(), Eventually.LIMIT)) {
						int seen = counter[0];
						LockSupport.parkNanos(1000);
						counter[0] = seen + 1;
						return guard;
					}
				}));
			}
			for (Future<?> future : futures) {
				future.get();
			}
		}
		finally {
			executor.shutdown();
		}
		assertThat(counter[0]).isEqualTo(threads);
	}

	@Test
	default void callLockedAnswersWhatTheWorkAnswersAndReleases() throws Exception {
		boolean busyMeanwhile = manager().callLocked(request(Duration.ZERO), () -> !isFree());
		assertThat(busyMeanwhile).isTrue();
		assertThat(isFree()).isTrue();
	}

	@Test
	default void callLockedThrowsWhatTheWorkThrowsAndReleases() {
		assertThatIOException().isThrownBy(() -> manager().callLocked(request(Duration.ZERO), () -> {
			throw new IOException("from the work");
		})).withMessage("from the work").withNoCause();
		assertThat(isFree()).isTrue();
	}

	@Test
	default void runLockedHoldsTheKeyWhileTheWorkRuns() throws InterruptedException {
		List<Boolean> free = new ArrayList<>();
		manager().runLocked(request(Duration.ZERO), () -> free.add(isFree()));
		assertThat(free).containsExactly(false);
		assertThat(isFree()).isTrue();
	}

	@Test
	default void workIsNotRunWithoutTheLock() throws InterruptedException {
		List<String> ran = new ArrayList<>();
		try (LockGuard guard = acquire()) {
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> manager().runLocked(request(Duration.ZERO), () -> ran.add(guard.key())));
		}
		assertThatIllegalArgumentException()
			.isThrownBy(() -> manager().runLocked(LockRequest.of("..", Duration.ZERO), () -> ran.add("bad key")));
		assertThat(ran).isEmpty();
	}

	private static ExecutorService executorOfVirtualThreadsIfThereAre() throws ReflectiveOperationException {
		try {
			return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
		}
		catch (NoSuchMethodException ex) {
			return Executors.newCachedThreadPool();
		}
	}

}
