package org.crossprocesslock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/** Guards that share a key inside one process. */
interface SharedContract extends ContractFixture {

	/** Backends that hear of nobody let a guard be joined for so long at least. */
	Duration A_MOMENT = Duration.ofMillis(100);

	private LockGuard share() throws InterruptedException {
		return manager().lock(shared(Eventually.LIMIT));
	}

	private List<LockGuard> share(int count) throws Exception {
		return SharedGuards.take(manager(), key(), count);
	}

	/** Tries again where the machine took longer than a guard may be joined. */
	private void joins(Attempt attempt) throws Exception {
		long deadline = System.nanoTime() + Eventually.LIMIT.toNanos();
		long began = System.nanoTime();
		boolean joined = attempt.joins();
		while (!joined && System.nanoTime() - began >= A_MOMENT.toNanos() && System.nanoTime() - deadline < 0) {
			began = System.nanoTime();
			joined = attempt.joins();
		}
		assertThat(joined).as("joins before it is too late").isTrue();
	}

	/** Whether the one who waits has joined, or else he does not wait any more. */
	private static boolean hasJoined(CompletableFuture<LockGuard> waiting, LockGuard present) throws Exception {
		try (LockGuard joined = waiting.get(10 * A_MOMENT.toMillis(), TimeUnit.MILLISECONDS)) {
			assertThat(joined.fencingToken()).isEqualTo(present.fencingToken());
			return true;
		}
		catch (TimeoutException ex) {
			waiting.cancel(true);
			return false;
		}
	}

	@Test
	default void sharedGuardsHoldTheKeyTogetherUnderOneToken() throws Exception {
		List<LockGuard> guards = share(3);
		assertThat(guards).allMatch(LockGuard::isHeld)
			.extracting(LockGuard::fencingToken)
			.containsOnly(guards.get(0).fencingToken());
		guards.forEach(LockGuard::close);
	}

	@Test
	default void theLastSharedGuardFreesTheKey() throws Exception {
		List<LockGuard> guards = share(2);
		LockGuard first = guards.get(0);
		LockGuard second = guards.get(1);
		first.close();
		assertThat(first.isHeld()).isFalse();
		assertThat(second.isHeld()).isTrue();
		assertThat(isFree()).isFalse();
		first.close();
		assertThat(second.isHeld()).isTrue();
		assertThat(isFree()).isFalse();
		second.close();
		assertThat(isFree()).isTrue();
	}

	@Test
	default void aGuardMayJoinWhileAnyOtherSharedOneIsLeft() throws Exception {
		joins(() -> {
			LockGuard first = share();
			Optional<LockGuard> second = manager().tryLock(shared(Duration.ZERO));
			first.close();
			if (second.isEmpty()) {
				return false;
			}
			Optional<LockGuard> third = manager().tryLock(shared(Duration.ZERO));
			second.get().close();
			third.ifPresent((joined) -> {
				assertThat(joined.isHeld()).isTrue();
				assertThat(joined.fencingToken()).isEqualTo(first.fencingToken());
				joined.close();
			});
			return third.isPresent();
		});
	}

	@Test
	default void theTokenGrowsWhenAllSharedGuardsWereClosed() throws InterruptedException {
		LockGuard first = share();
		first.close();
		try (LockGuard second = share()) {
			assertThat(second.fencingToken()).isGreaterThan(first.fencingToken());
		}
	}

	@Test
	default void sharedAndExclusiveGuardsExcludeEachOther() throws InterruptedException {
		try (LockGuard shared = share()) {
			assertThat(manager().tryLock(key())).isEmpty();
			assertThat(shared.isHeld()).isTrue();
		}
		try (LockGuard exclusive = acquire()) {
			assertThat(manager().tryLock(shared(Duration.ZERO))).isEmpty();
			assertThat(exclusive.isHeld()).isTrue();
		}
	}

	@Test
	default void aSharedRequestWaitsBehindAWaitingExclusiveOne() throws Exception {
		LockGuard shared = share();
		CompletableFuture<LockGuard> exclusive = manager().lockAsync(request(Eventually.LIMIT));
		CompletableFuture<LockGuard> behind = manager().lockAsync(shared(Eventually.LIMIT));
		assertThat(manager().tryLock(shared(Duration.ZERO))).isEmpty();
		shared.close();
		LockGuard granted = exclusive.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		assertThat(behind).isNotDone();
		granted.close();
		behind.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS).close();
	}

	@Test
	default void aSharedRequestJoinsWhenTheExclusiveOneBeforeItGivesUp() throws Exception {
		joins(() -> {
			try (LockGuard shared = share()) {
				CompletableFuture<LockGuard> exclusive = manager().lockAsync(request(Eventually.LIMIT));
				CompletableFuture<LockGuard> behind = manager().lockAsync(shared(Eventually.LIMIT));
				exclusive.cancel(true);
				return hasJoined(behind, shared);
			}
		});
	}

	@Test
	default void aSharedRequestJoinsWhenTheTimeOfTheExclusiveOneBeforeItIsOver() throws Exception {
		joins(() -> {
			try (LockGuard shared = share()) {
				CompletableFuture<LockGuard> exclusive = manager().lockAsync(request(Duration.ofMillis(10)));
				CompletableFuture<LockGuard> behind = manager().lockAsync(shared(Eventually.LIMIT));
				boolean joined = hasJoined(behind, shared);
				Eventually.until("the exclusive request times out", exclusive::isCompletedExceptionally);
				return joined;
			}
		});
	}

	@Test
	default void allSharedWaitersEnterTogether() throws Exception {
		LockGuard exclusive = acquire();
		List<CompletableFuture<LockGuard>> waiters = new ArrayList<>();
		for (int i = 0; i < 5; i++) {
			waiters.add(manager().lockAsync(shared(Eventually.LIMIT)));
		}
		exclusive.close();
		List<LockGuard> guards = new ArrayList<>();
		for (CompletableFuture<LockGuard> waiter : waiters) {
			guards.add(waiter.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS));
		}
		assertThat(guards).allMatch(LockGuard::isHeld);
		guards.forEach(LockGuard::close);
		assertThat(isFree()).isTrue();
	}

	@Test
	default void sharedGuardsExcludeOtherProcessesUntilTheLastIsClosed() throws Exception {
		Optional<LockManager> present = anotherProcess();
		assumeThat(present).isPresent();
		LockManager other = present.orElseThrow();
		List<LockGuard> guards = share(2);
		assertThat(other.tryLock(shared(Duration.ZERO))).isEmpty();
		assertThat(other.tryLock(key())).isEmpty();
		guards.get(0).close();
		assertThat(other.tryLock(shared(Duration.ZERO))).isEmpty();
		guards.get(1).close();
		assertThat(other.tryLock(shared(Duration.ZERO))).hasValueSatisfying(LockGuard::close);
	}

	/** Tries to join a guard that it takes. */
	interface Attempt {

		boolean joins() throws Exception;

	}

}
