package org.crossprocesslock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/** Guards that share a key inside one process. */
interface SharedContract extends ContractFixture {

	private LockGuard share() throws InterruptedException {
		return manager().lock(shared(Duration.ZERO));
	}

	@Test
	default void sharedGuardsHoldTheKeyTogetherUnderOneToken() throws InterruptedException {
		try (LockGuard first = share(); LockGuard second = share(); LockGuard third = share()) {
			assertThat(first.isHeld() && second.isHeld() && third.isHeld()).isTrue();
			assertThat(second.fencingToken()).isEqualTo(first.fencingToken());
			assertThat(third.fencingToken()).isEqualTo(first.fencingToken());
		}
	}

	@Test
	default void theLastSharedGuardFreesTheKey() throws InterruptedException {
		LockGuard first = share();
		LockGuard second = share();
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
	default void aGuardMayJoinWhileAnyOtherSharedOneIsLeft() throws InterruptedException {
		LockGuard first = share();
		LockGuard second = share();
		first.close();
		try (LockGuard third = share()) {
			second.close();
			assertThat(third.isHeld()).isTrue();
			assertThat(third.fencingToken()).isEqualTo(first.fencingToken());
		}
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
		try (LockGuard shared = share()) {
			CompletableFuture<LockGuard> exclusive = manager().lockAsync(request(Eventually.LIMIT));
			CompletableFuture<LockGuard> behind = manager().lockAsync(shared(Eventually.LIMIT));
			exclusive.cancel(true);
			try (LockGuard joined = behind.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
				assertThat(joined.fencingToken()).isEqualTo(shared.fencingToken());
			}
		}
	}

	// soon, since backends that hear of nobody let a guard be joined for a moment only
	@Test
	default void aSharedRequestJoinsWhenTheTimeOfTheExclusiveOneBeforeItIsOver() throws Exception {
		try (LockGuard shared = share()) {
			CompletableFuture<LockGuard> exclusive = manager().lockAsync(request(Duration.ofMillis(10)));
			CompletableFuture<LockGuard> behind = manager().lockAsync(shared(Eventually.LIMIT));
			try (LockGuard joined = behind.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
				assertThat(joined.fencingToken()).isEqualTo(shared.fencingToken());
			}
			Eventually.until("the exclusive request times out", exclusive::isCompletedExceptionally);
		}
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
	default void sharedGuardsExcludeOtherProcessesUntilTheLastIsClosed() throws InterruptedException {
		Optional<LockManager> present = anotherProcess();
		assumeThat(present).isPresent();
		LockManager other = present.orElseThrow();
		LockGuard first = share();
		LockGuard second = share();
		assertThat(other.tryLock(shared(Duration.ZERO))).isEmpty();
		assertThat(other.tryLock(key())).isEmpty();
		first.close();
		assertThat(other.tryLock(shared(Duration.ZERO))).isEmpty();
		second.close();
		assertThat(other.tryLock(shared(Duration.ZERO))).hasValueSatisfying(LockGuard::close);
	}

}
