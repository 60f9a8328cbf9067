package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What every {@link LeaseStore} does about keys that a grant keeps: rule 18. */
abstract class LeaseKeepContract extends LeaseRowContract {

	private static final Duration KEEP = Duration.ofHours(1);

	private static final Duration SECOND = Duration.ofSeconds(1);

	/** Whether the row was there before, which are two statements on some databases. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void keptKeyIsBusyForEverybodyAfterItsRelease(boolean rowExists) {
		LeaseStore store = store();
		String lease = openLease(store);
		String other = openLease(store);
		if (rowExists) {
			release(store, lease, grant(store, lease, "k"));
		}
		Granted grant = keep(store, lease, "k", null);
		release(store, lease, grant);
		assertThat(seen(acquire(store, lease, "k").get(0)).kept()).isBetween(KEEP.minusMinutes(1), KEEP);
		KeyLook seen = seen(acquire(store, other, "k").get(0));
		assertThat(seen.leaseId()).isNull();
		assertThat(seen.lease()).isNull();
		assertThat(seen.token()).isEqualTo(grant.token());
		assertThat(look(store, "k").kept()).isBetween(KEEP.minusMinutes(1), KEEP);
	}

	@Test
	void keptKeyIsFreeAfterItsTime() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted grant = keep(store, lease, "k", null);
		release(store, lease, grant);
		moveKept("k", KEEP.negated());
		assertThat(look(store, "k").kept()).isNull();
		Granted next = grant(store, openLease(store), "k");
		assertThat(next.token()).isGreaterThanOrEqualTo(grant.token() + LeaseStore.TOKENS_PER_GRANT);
		assertThat(next.previousLeaseId()).isEqualTo(lease);
		assertThat(look(store, "k").kept()).as("the next grant does not keep it").isNull();
	}

	@Test
	void keyOfADeadLeaseIsKept() {
		LeaseStore store = store();
		String dead = openLease(store);
		String lease = openLease(store);
		keep(store, dead, "k", null);
		store.end(dead);
		KeyLook seen = seen(acquireFrom(store, lease, "k", dead));
		assertThat(seen.leaseId()).isEqualTo(dead);
		assertThat(seen.lease()).isNull();
		assertThat(seen.kept()).isNotNull();
		moveKept("k", KEEP.negated());
		assertThat(acquireFrom(store, lease, "k", dead)).isInstanceOf(Granted.class);
	}

	@Test
	void rowOfADeadLeaseThatIsTakenCanBeKept() {
		LeaseStore store = store();
		String dead = openLease(store);
		grant(store, dead, "k");
		store.end(dead);
		keep(store, openLease(store), "k", dead);
		assertThat(look(store, "k").kept()).isNotNull();
	}

	@Test
	void unusedGrantKeepsNothing() {
		LeaseStore store = store();
		String lease = openLease(store);
		Granted unused = keep(store, lease, "a", null);
		Granted used = keep(store, lease, "b", null);
		assertThat(store.release(
				List.of(new ReleaseOrder("a", lease, unused.token(), true), new ReleaseOrder("b", lease, used.token())),
				List.of()))
			.isEmpty();
		assertThat(look(store, "a").kept()).isNull();
		assertThat(look(store, "a").leaseId()).isNull();
		assertThat(look(store, "b").kept()).isNotNull();
		assertThat(look(store, "b").leaseId()).isNull();
		assertThat(acquire(store, lease, "a")).hasOnlyElementsOfType(Granted.class);
	}

	@Test
	void aTimeThatIsTooShortToBeCountedIsKeptAsTheShortest() {
		LeaseStore store = store();
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "there"));
		assertThat(store.acquire(lease, Long.MAX_VALUE,
				List.of(new AcquireOrder("absent", null, false, Duration.ofNanos(1)),
						new AcquireOrder("there", null, false, Duration.ofNanos(1)))))
			.hasSize(2)
			.hasOnlyElementsOfType(Granted.class);
	}

	@Test
	void eachOrderOfABatchKeepsForItsOwnTime() {
		LeaseStore store = store();
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "b"));
		release(store, lease, grant(store, lease, "c"));
		List<AcquireResult> results = store.acquire(lease, Long.MAX_VALUE,
				List.of(new AcquireOrder("a", null, false, KEEP.multipliedBy(2)), new AcquireOrder("b", null, false),
						new AcquireOrder("c", null, false, KEEP), new AcquireOrder("d", null, false)));
		assertThat(results).hasSize(4).hasOnlyElementsOfType(Granted.class);
		assertThat(look(store, "a").kept()).isBetween(KEEP.plusMinutes(1), KEEP.multipliedBy(2));
		assertThat(look(store, "b").kept()).isNull();
		assertThat(look(store, "c").kept()).isBetween(KEEP.minusMinutes(1), KEEP);
		assertThat(look(store, "d").kept()).isNull();
	}

	@Test
	void clockThatIsSetBackKeepsLongerButNotForMoreThanTwiceAsLong() {
		LeaseStore store = store();
		String lease = openLease(store);
		release(store, lease, keep(store, lease, "k", null));
		moveKept("k", KEEP.minusMinutes(1));
		assertThat(look(store, "k").kept()).isGreaterThan(KEEP);
		assertThat(seen(acquire(store, lease, "k").get(0)).kept()).isGreaterThan(KEEP);
		moveKept("k", Duration.ofMinutes(2));
		assertThat(look(store, "k").kept()).isNull();
		assertThat(acquire(store, lease, "k")).hasOnlyElementsOfType(Granted.class);
	}

	@Test
	void rowOfAKeptKeyIsNotPurged() {
		LeaseStore store = store();
		String lease = openLease(store);
		release(store, lease, keep(store, lease, "k", null));
		setToken("k", 1);
		store.purge(SECOND);
		assertThat(look(store, "k").token()).isEqualTo(1);
		moveKept("k", KEEP.negated());
		store.purge(SECOND);
		assertThat(look(store, "k").token()).isZero();
	}

	@Test
	void operatorSeesWhatIsKeptAndFreesIt() {
		LeaseStore store = store();
		StoreInspection inspection = store.inspection().orElseThrow();
		String lease = openLease(store);
		Granted grant = keep(store, lease, "k", null);
		assertThat(inspection.endKeeping("k", grant.token())).as("while it is held").isFalse();
		release(store, lease, grant);
		assertThat(inspection.look("k").keys().get(0).keptFor()).isPositive();
		assertThat(inspection.keys(null, 10).keys()).singleElement()
			.satisfies((key) -> assertThat(key.keptFor()).isPositive());
		assertThat(inspection.endKeeping("k", grant.token() + 1)).as("under another token").isFalse();
		assertThat(inspection.endKeeping("k", grant.token())).isTrue();
		assertThat(inspection.endKeeping("k", grant.token())).as("a second time").isFalse();
		assertThat(inspection.keys(null, 10).keys()).singleElement()
			.satisfies((key) -> assertThat(key.keptFor()).isNull());
		assertThat(acquire(store, lease, "k")).hasOnlyElementsOfType(Granted.class);
	}

	@Test
	void operatorFreesWhatADeadLeaseKeeps() {
		LeaseStore store = store();
		String dead = openLease(store);
		Granted grant = keep(store, dead, "k", null);
		store.end(dead);
		assertThat(store.inspection().orElseThrow().endKeeping("k", grant.token())).isTrue();
		assertThat(acquireFrom(store, openLease(store), "k", dead)).isInstanceOf(Granted.class);
	}

	private static Granted keep(LeaseStore store, String leaseId, String key, @Nullable String dead) {
		List<AcquireResult> results = store.acquire(leaseId, Long.MAX_VALUE,
				List.of(new AcquireOrder(key, dead, false, KEEP)));
		assertThat(results).singleElement().isInstanceOf(Granted.class);
		return (Granted) results.get(0);
	}

}
