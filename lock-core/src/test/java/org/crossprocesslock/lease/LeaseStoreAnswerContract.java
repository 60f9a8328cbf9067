package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.Kept;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;
import org.crossprocesslock.lease.LeaseStore.Looked;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.LeaseStore.TooLate;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a store answers about keys that were not taken or freed, and about its clock. */
abstract class LeaseStoreAnswerContract extends LeaseKeepContract {

	private static final long FAR_AWAY_MICROS = Duration.ofMinutes(10).toMillis() * 1000;

	@Test
	void openingAndRenewalTellWhenTheyRanAndCountTheLeases() {
		LeaseStore store = store();
		long before = clockMicros();
		Kept first = store.open("first", "holder", LEASE);
		Kept second = store.open("second", "holder", LEASE);
		Kept renewed = store.renew("first").orElseThrow();
		assertThat(List.of(first.clock(), second.clock(), renewed.clock())).isSorted()
			.allSatisfy((clock) -> assertThat(clock).isBetween(before, clockMicros()));
		assertThat(List.of(first.leases(), second.leases(), renewed.leases())).containsExactly(1, 2, 2);
		assertThat(renewed.session()).isEqualTo(second.session());
		store.end("second");
		assertThat(store.renew("first").orElseThrow().leases()).isEqualTo(1);
	}

	@Test
	void leasesThatHaveExpiredAreNotCounted() {
		LeaseStore store = store();
		store.open("first", "holder", LEASE);
		store.open("dead", "holder", LEASE);
		expire("dead");
		assertThat(store.open("third", "holder", LEASE).leases()).isEqualTo(2);
		assertThat(store.renew("first").orElseThrow().leases()).isEqualTo(2);
	}

	@Test
	void lookTellsWhenItRan() {
		LeaseStore store = store();
		long before = clockMicros();
		Looked looked = store.look(List.of("absent"));
		assertThat(looked.clock()).isBetween(before - Duration.ofMillis(1).toNanos() / 1000, clockMicros());
	}

	@Test
	void acquireThatIsTooLateTakesNothing() {
		LeaseStore store = store();
		String dead = openLease(store);
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "free"));
		grant(store, dead, "of-the-dead");
		store.end(dead);
		List<AcquireOrder> orders = List.of(new AcquireOrder("absent", null, false),
				new AcquireOrder("free", null, false), new AcquireOrder("of-the-dead", dead, false));
		for (AcquireOrder order : orders) {
			assertThat(store.acquire(lease, clockMicros() - FAR_AWAY_MICROS, List.of(order)))
				.containsExactly(new TooLate(order.key()));
		}
		assertThat(store.acquire(lease, clockMicros() - 1, orders)).containsExactlyInAnyOrder(new TooLate("absent"),
				new TooLate("free"), new TooLate("of-the-dead"));
		assertThat(look(store, "absent").token()).isZero();
		assertThat(look(store, "free").leaseId()).isNull();
		assertThat(look(store, "of-the-dead").leaseId()).isEqualTo(dead);
		assertThat(store.acquire(lease, clockMicros() + FAR_AWAY_MICROS, orders)).hasSize(3)
			.allMatch(Granted.class::isInstance);
	}

	@Test
	void busyKeyIsAnsweredAsALookWould() {
		LeaseStore store = store();
		String holder = openLease(store, "app@host");
		Granted grant = grant(store, holder, "k");
		store.renew(holder);
		String lease = openLease(store);
		for (AcquireResult result : List.of(acquire(store, lease, "k").get(0),
				acquire(store, lease, "free", "k").stream()
					.filter((each) -> each.key().equals("k"))
					.findAny()
					.orElseThrow(),
				acquireFrom(store, lease, "k", openLease(store)))) {
			KeyLook seen = seen(result);
			assertThat(seen.leaseId()).isEqualTo(holder);
			assertThat(seen.token()).isEqualTo(grant.token());
			LeaseLook of = Objects.requireNonNull(seen.lease());
			assertThat(of.holder()).isEqualTo("app@host");
			assertThat(of.counter()).isEqualTo(1);
			assertThat(of.duration()).isEqualTo(LEASE);
			assertThat(of.remaining()).isBetween(LEASE.minusSeconds(5), LEASE);
		}
		assertThat(look(store, "k").token()).isEqualTo(grant.token());
	}

	@Test
	void busyKeyOfAnExpiredLeaseIsSeenWithNegativeTime() {
		LeaseStore store = store();
		String holder = openLease(store);
		grant(store, holder, "k");
		expire(holder);
		KeyLook seen = seen(acquire(store, openLease(store), "k").get(0));
		assertThat(Objects.requireNonNull(seen.lease()).remaining()).isNegative();
	}

	@Test
	void busyKeyOfALeaseThatIsGoneIsSeenWithoutIt() {
		LeaseStore store = store();
		String gone = openLease(store);
		Granted grant = grant(store, gone, "k");
		store.end(gone);
		assertThat(seen(acquire(store, openLease(store), "k").get(0)))
			.isEqualTo(new KeyLook("k", gone, grant.token(), null));
	}

	@Test
	void busyKeyOfTheOwnLeaseIsSeenWithItsToken() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		for (AcquireResult result : List.of(acquire(store, lease, "k").get(0), acquireFrom(store, lease, "k", lease))) {
			assertThat(seen(result).leaseId()).isEqualTo(lease);
			assertThat(seen(result).token()).isEqualTo(grant.token());
		}
		assertThat(look(store, "k").token()).isEqualTo(grant.token());
	}

	@Test
	void busyKeyThatIsOnlyLockedIsSeenFree() throws Exception {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		release(store, lease, grant);
		try (AutoCloseable lock = lockRow("k")) {
			assertThat(seen(acquire(store, lease, "k").get(0))).isEqualTo(new KeyLook("k", null, grant.token(), null));
		}
	}

	@Test
	void releaseOfALockedRowDoesNotWaitAndSaysSo() throws Exception {
		LeaseStore store = patientStore();
		String lease = openLease(store);
		ReleaseOrder[] orders = { order(store, lease, "a"), order(store, lease, "b"), order(store, lease, "c") };
		try (AutoCloseable lock = lockRow("b")) {
			long started = System.nanoTime();
			assertThat(store.release(List.of(orders[1]), List.of())).containsExactly("b");
			assertThat(store.release(List.of(orders), List.of())).containsExactly("b");
			assertNothingWasWaitedFor(started);
			assertThat(look(store, "a").leaseId()).isNull();
			assertThat(look(store, "b").leaseId()).isEqualTo(lease);
			assertThat(look(store, "c").leaseId()).isNull();
		}
		assertThat(store.release(List.of(orders), List.of())).isEmpty();
		assertThat(look(store, "b").leaseId()).isNull();
	}

	@Test
	void lockedRowThatDoesNotMatchIsNoneOfTheReleases() throws Exception {
		LeaseStore store = store();
		String lease = openLease(store);
		ReleaseOrder order = order(store, lease, "k");
		try (AutoCloseable lock = lockRow("k")) {
			assertThat(store.release(List.of(new ReleaseOrder("k", lease, order.token() - 1),
					new ReleaseOrder("absent", lease, order.token())), List.of()))
				.isEmpty();
		}
	}

	private static ReleaseOrder order(LeaseStore store, String lease, String key) {
		return new ReleaseOrder(key, lease, grant(store, lease, key).token());
	}

}
