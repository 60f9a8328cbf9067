package org.crossprocesslock.lease;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;

import org.crossprocesslock.Holder;
import org.crossprocesslock.HoldersReport;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.StoreReport;
import org.crossprocesslock.StoredKey;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** What a {@link LeaseStore} shows to people, and the end of a lease that they want. */
abstract class StoreInspectionContract extends LeaseStoreFixture {

	private static StoreInspection of(LeaseStore store) {
		return store.inspection().orElseThrow();
	}

	private static StoredKey lookAt(LeaseStore store, String key) {
		List<StoredKey> keys = of(store).look(key).keys();
		assertThat(keys).singleElement().extracting(StoredKey::key).isEqualTo(key);
		return keys.get(0);
	}

	@Test
	void aLookShowsWhoseAKeyIsByTheClockOfTheStore() {
		LeaseStore store = store();
		String lease = openLease(store, "app@host");
		Granted grant = grant(store, lease, "k");
		StoreReport report = of(store).look("k");
		assertThat(report.more()).isFalse();
		assertThat(ChronoUnit.MICROS.between(Instant.EPOCH, report.clock())).isCloseTo(clockMicros(),
				Offset.offset(60_000_000L));
		StoredKey stored = lookAt(store, "k");
		assertThat(stored.token()).isEqualTo(grant.token());
		Holder holder = Objects.requireNonNull(stored.holder());
		assertThat(holder.leaseId()).isEqualTo(lease);
		assertThat(holder.name()).isEqualTo("app@host");
		assertThat(holder.remaining()).isBetween(LEASE.minusSeconds(5), LEASE);
		assertThat(holder.ending()).isFalse();
	}

	@Test
	void aKeyWithoutARowHasNoTokenAndNobodyHasAReleasedOne() {
		LeaseStore store = store();
		assertThat(lookAt(store, "unknown")).isEqualTo(new StoredKey("unknown", 0, null, null));
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		release(store, lease, grant);
		assertThat(lookAt(store, "k")).isEqualTo(new StoredKey("k", grant.token(), null, null));
	}

	@Test
	void theHolderOfAKeyWhoseLeaseIsGoneHasNoName() {
		LeaseStore store = store();
		String lease = openLease(store);
		grant(store, lease, "k");
		store.end(lease);
		assertThat(lookAt(store, "k").holder()).isEqualTo(new Holder(lease, null, null, false));
		assertThat(of(store).keys(null, 10).keys()).singleElement()
			.extracting(StoredKey::holder)
			.isEqualTo(new Holder(lease, null, null, false));
	}

	@Test
	void anInterruptIsKeptWhileOneLooks() {
		StoreInspection inspection = of(store());
		Thread.currentThread().interrupt();
		inspection.look("k");
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void keysComePageByPage() {
		LeaseStore store = store();
		String lease = openLease(store, "app@host");
		for (String key : List.of("c", "a", "B", "d", "e")) {
			grant(store, lease, key);
		}
		StoreReport first = of(store).keys(null, 2);
		assertThat(first.keys()).extracting(StoredKey::key).containsExactly("B", "a");
		assertThat(first.more()).isTrue();
		StoreReport second = of(store).keys("a", 2);
		assertThat(second.keys()).extracting(StoredKey::key).containsExactly("c", "d");
		assertThat(second.more()).isTrue();
		StoreReport last = of(store).keys("d", 2);
		assertThat(last.keys()).extracting(StoredKey::key).containsExactly("e");
		assertThat(last.more()).isFalse();
		assertThat(last.keys().get(0).holder()).isNotNull().extracting(Holder::name).isEqualTo("app@host");
		assertThat(of(store).keys("e", 2).keys()).isEmpty();
	}

	@Test
	void holdersComePageByPageWhetherTheyHoldAnythingOrNot() {
		LeaseStore store = store();
		TreeSet<String> leases = new TreeSet<>(
				List.of(openLease(store, "a"), openLease(store, "b"), openLease(store, "c")));
		expire(leases.last());
		HoldersReport first = of(store).holders(null, 2);
		assertThat(first.holders()).extracting(Holder::leaseId)
			.containsExactlyElementsOf(leases.headSet(leases.last()));
		assertThat(first.more()).isTrue();
		HoldersReport last = of(store).holders(first.holders().get(1).leaseId(), 2);
		assertThat(last.holders()).singleElement().extracting(Holder::leaseId).isEqualTo(leases.last());
		assertThat(last.holders().get(0).remaining()).isNegative();
		assertThat(last.more()).isFalse();
	}

	@Test
	void aPageHasAtLeastOneAndNotTooManyEntries() {
		StoreInspection inspection = of(store());
		for (int limit : new int[] { 0, -1, 10_001 }) {
			assertThatIllegalArgumentException().isThrownBy(() -> inspection.keys(null, limit));
			assertThatIllegalArgumentException().isThrownBy(() -> inspection.holders(null, limit));
		}
		assertThat(inspection.keys(null, 10_000).keys()).isEmpty();
	}

	@Test
	void aLeaseThatIsToEndIsStillThereButNotRenewedAnyMore() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		assertThat(store.renew(lease)).isPresent();
		assertThat(of(store).endLease("k", grant.token())).isTrue();
		String other = openLease(store);
		assertThat(seen(acquire(store, other, "k").get(0)).lease()).as("held until its process knows").isNotNull();
		assertThat(store.reap(lease)).isFalse();
		assertThat(store.renew(lease)).isEmpty();
		assertThat(lookAt(store, "k").holder()).isNotNull().extracting(Holder::ending).isEqualTo(true);
		assertThat(of(store).keys(null, 10).keys().get(0).holder()).isNotNull()
			.extracting(Holder::ending)
			.isEqualTo(true);
		assertThat(of(store).holders(null, 10).holders()).filteredOn(Holder::ending)
			.singleElement()
			.extracting(Holder::leaseId)
			.isEqualTo(lease);
		assertThat(store.renew(other)).as("another lease").isPresent();
		store.end(lease);
		assertThat(grant(store, other, "k", lease).token()).isGreaterThan(grant.token());
	}

	@Test
	void aLeaseThatIsToEndRunsOutIfItsProcessDoesNotAnswer() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		assertThat(of(store).endLease("k", grant.token())).isTrue();
		assertThat(of(store).endLease("k", grant.token())).as("again").isTrue();
		Duration remaining = Objects.requireNonNull(Objects.requireNonNull(lookAt(store, "k").holder()).remaining());
		assertThat(remaining).isBetween(Duration.ZERO, LEASE);
		expire(lease);
		assertThat(store.reap(lease)).isTrue();
	}

	@Test
	void aLeaseThatIsToEndCanStillBeReapedUnchanged() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		of(store).endLease("k", grant.token());
		long counter = Objects.requireNonNull(look(store, "k").lease()).counter();
		assertThat(store.reapUnchanged(lease, counter - 1)).isFalse();
		assertThat(store.reapUnchanged(lease, counter)).isTrue();
	}

	@Test
	void noLeaseEndsForATokenThatIsNotTheOneOfTheKey() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = grant(store, lease, "k");
		assertThat(of(store).endLease("k", grant.token() + 1)).isFalse();
		assertThat(of(store).endLease("other", grant.token())).isFalse();
		release(store, lease, grant);
		assertThat(of(store).endLease("k", grant.token())).isFalse();
		assertThat(store.renew(lease)).isPresent();
	}

}
