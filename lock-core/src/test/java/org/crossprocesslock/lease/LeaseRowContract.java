package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What a {@link LeaseStore} does to leases, and what holds for every call. */
abstract class LeaseRowContract extends LeaseStoreRaceContract {

	private static LeaseLook leaseOf(LeaseStore store, String key) {
		return Objects.requireNonNull(look(store, key).lease());
	}

	@Test
	void openedLeaseIsSeenAsItWasOpened() {
		LeaseStore store = store();
		String lease = openLease(store, "app@host");
		grant(store, lease, "k");
		LeaseLook seen = leaseOf(store, "k");
		assertThat(seen.holder()).isEqualTo("app@host");
		assertThat(seen.duration()).isEqualTo(LEASE);
		assertThat(seen.remaining()).isPositive().isLessThanOrEqualTo(LEASE);
		assertThat(seen.counter()).isZero();
	}

	@Test
	void leaseIdOpenedTwiceFailsTheSecondTime() {
		LeaseStore store = store();
		String lease = openLease(store);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.open(lease, "other", LEASE))
			.withMessageContaining(lease);
		assertThat(store.renew(lease)).isPresent();
	}

	@Test
	void renewalExtendsByTheLeasesOwnDurationAndCounts() {
		LeaseStore store = store();
		String lease = openLease(store);
		grant(store, lease, "k");
		expire(lease);
		assertThat(store.renew(lease)).isPresent();
		assertThat(leaseOf(store, "k").remaining()).isBetween(LEASE.minusSeconds(5), LEASE);
		assertThat(store.renew(lease)).isPresent();
		assertThat(leaseOf(store, "k").counter()).isEqualTo(2);
	}

	@Test
	void renewalOfAMissingLeaseCreatesNothing() {
		LeaseStore store = store();
		String lease = openLease(store);
		store.end(lease);
		assertThat(store.renew(lease)).isEmpty();
		assertThat(store.renew(lease)).isEmpty();
	}

	@Test
	void endedLeaseIsGoneAndEndingItAgainIsNoError() {
		LeaseStore store = store();
		String lease = openLease(store);
		grant(store, lease, "k");
		store.end(lease);
		store.end(lease);
		KeyLook seen = look(store, "k");
		assertThat(seen.leaseId()).isEqualTo(lease);
		assertThat(seen.lease()).isNull();
	}

	@Test
	void takeOverEndsTheLeasesOfThatNameOnly() {
		LeaseStore store = store();
		List<String> old = List.of(openLease(store, "a"), openLease(store, "a"));
		String other = openLease(store, "A");
		assertThat(store.takeOver("a")).isEqualTo(2);
		assertThat(store.takeOver("a")).isZero();
		assertThat(old).allMatch((lease) -> store.renew(lease).isEmpty());
		assertThat(store.renew(other)).isPresent();
	}

	@Test
	void expiredLeaseIsSeenWithNegativeTimeUntilItIsReaped() {
		LeaseStore store = store();
		String lease = openLease(store);
		grant(store, lease, "k");
		expire(lease);
		assertThat(leaseOf(store, "k").remaining()).isNegative();
		assertThat(store.reap(lease)).isTrue();
		assertThat(look(store, "k").lease()).isNull();
	}

	@Test
	void reapLeavesALeaseThatHasNotExpired() {
		LeaseStore store = store();
		String lease = openLease(store);
		assertThat(store.reap(lease)).isFalse();
		assertThat(store.renew(lease)).isPresent();
	}

	@Test
	void reapAnswersWhetherThisCallDeletedTheLease() {
		LeaseStore store = store();
		String lease = openLease(store);
		expire(lease);
		assertThat(store.reap(lease)).isTrue();
		assertThat(store.reap(lease)).isFalse();
		assertThat(store.renew(lease)).isEmpty();
	}

	@Test
	void reapUnchangedGoesByTheCounterAndNotByTheClock() {
		LeaseStore store = store();
		String lease = openLease(store);
		store.renew(lease);
		assertThat(store.reapUnchanged(lease, 0)).isFalse();
		assertThat(store.renew(lease)).isPresent();
		assertThat(store.reapUnchanged(lease, 2)).isTrue();
		assertThat(store.reapUnchanged(lease, 2)).isFalse();
		assertThat(store.renew(lease)).isEmpty();
	}

	@Test
	void purgeRemovesOnlyOldRowsThatNobodyHolds() {
		LeaseStore store = store();
		String lease = openLease(store);
		long old = clockMicros() - Duration.ofHours(2).toMillis() * 1000;
		for (String key : List.of("old", "young", "future")) {
			release(store, lease, grant(store, lease, key));
		}
		grant(store, lease, "held");
		setToken("old", old);
		setToken("held", old);
		setToken("future", clockMicros() + Duration.ofDays(2).toMillis() * 1000);
		store.purge(Duration.ofHours(1));
		assertThat(look(store, "old").token()).isZero();
		assertThat(store.look(List.of("young", "future", "held")).keys()).noneMatch((seen) -> seen.token() == 0);
	}

	@Test
	void purgeReapsExpiredLeasesThatHoldNothing() {
		LeaseStore store = store();
		String idle = openLease(store);
		String idleAndExpired = openLease(store);
		String expired = openLease(store);
		grant(store, expired, "k");
		expire(idleAndExpired);
		expire(expired);
		store.purge(Duration.ofDays(1));
		assertThat(store.renew(idle)).isPresent();
		assertThat(store.renew(idleAndExpired)).isEmpty();
		assertThat(store.renew(expired)).isPresent();
	}

	@Test
	void purgeRemovesOldRowsOfLeasesThatAreGone() {
		LeaseStore store = store();
		String gone = openLease(store);
		String alive = openLease(store);
		grant(store, gone, "old");
		grant(store, gone, "young");
		grant(store, alive, "held");
		setToken("old", 1);
		setToken("held", 1);
		store.end(gone);
		store.purge(Duration.ofDays(1));
		assertThat(look(store, "old").token()).isZero();
		assertThat(look(store, "young").leaseId()).isEqualTo(gone);
		assertThat(look(store, "held").leaseId()).isEqualTo(alive);
	}

	@Test
	void purgeReapsLeasesThatHaveExpiredForLongAndThenTheirRows() {
		LeaseStore store = store();
		String crashed = openLease(store);
		grant(store, crashed, "k");
		setToken("k", 1);
		expire(crashed);
		store.purge(Duration.ofDays(1));
		assertThat(look(store, "k").lease()).isNotNull();
		store.purge(Duration.ZERO);
		store.purge(Duration.ZERO);
		assertThat(look(store, "k").token()).isZero();
		assertThat(store.renew(crashed)).isEmpty();
	}

	@Test
	void purgeSkipsLockedRows() throws Exception {
		LeaseStore store = store();
		String lease = openLease(store);
		for (String key : List.of("locked", "old")) {
			release(store, lease, grant(store, lease, key));
			setToken(key, 1);
		}
		try (AutoCloseable lock = lockRow("locked")) {
			store.purge(Duration.ofDays(1));
		}
		assertThat(look(store, "locked").token()).isOne();
		assertThat(look(store, "old").token()).isZero();
	}

	@Test
	void answerLimitIsWellBelowTheLease() {
		assertThat(store().answerLimit()).isPositive().isLessThan(LEASE.multipliedBy(2).dividedBy(3));
	}

	@Test
	void interruptEndsNoCallAndIsNotForgotten() {
		LeaseStore store = store();
		Thread.currentThread().interrupt();
		try {
			String lease = openLease(store);
			grant(store, lease, "k");
			assertThat(store.renew(lease)).isPresent();
		}
		finally {
			assertThat(Thread.interrupted()).isTrue();
		}
	}

}
