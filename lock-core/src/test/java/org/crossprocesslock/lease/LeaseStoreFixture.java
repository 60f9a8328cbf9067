package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** What a kind of store has to bring for the contract, and short words for its verbs. */
@Timeout(120)
public abstract class LeaseStoreFixture {

	protected static final Duration LEASE = LeaseOptions.DEFAULT_LEASE_DURATION;

	/** For so long a store with it would wait for a row, at least, if it waited. */
	private static final Duration LONG_LEASE = Duration.ofMinutes(5);

	private final List<LeaseStore> stores = new ArrayList<>();

	/** Another store on the tables of this test, which are empty at first. */
	protected abstract LeaseStore newStore(Duration leaseDuration);

	/** The store's clock, in microseconds. */
	protected abstract long clockMicros();

	/** Sets the expiry of the lease into the past. */
	protected abstract void expire(String leaseId);

	/** Overwrites the token of a row that exists. */
	protected abstract void setToken(String key, long token);

	/** Moves the moment until which the key is kept, as a change of the clock would. */
	protected abstract void moveKept(String key, Duration by);

	/** Locks the row as a transaction that commits under it does, until closed. */
	protected abstract AutoCloseable lockRow(String key);

	@AfterEach
	void closeStores() {
		this.stores.forEach(LeaseStore::close);
	}

	protected final LeaseStore store() {
		return store(LEASE);
	}

	protected final LeaseStore store(Duration leaseDuration) {
		LeaseStore store = newStore(leaseDuration);
		this.stores.add(store);
		return store;
	}

	/** Where nothing is waited for that a busy machine cannot be told from. */
	protected final LeaseStore patientStore() {
		return store(LONG_LEASE);
	}

	/** Says that a patient store has not waited for a locked row since then. */
	protected static void assertNothingWasWaitedFor(long started) {
		assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(LONG_LEASE.dividedBy(20));
	}

	protected static String openLease(LeaseStore store) {
		return openLease(store, "holder");
	}

	protected static String openLease(LeaseStore store, String holder) {
		String leaseId = UUID.randomUUID().toString();
		store.open(leaseId, holder, LEASE);
		return leaseId;
	}

	protected static List<AcquireResult> acquire(LeaseStore store, String leaseId, String... keys) {
		return store.acquire(leaseId, Long.MAX_VALUE,
				Arrays.stream(keys).map((key) -> new AcquireOrder(key, null, false)).toList());
	}

	protected static AcquireResult acquireFrom(LeaseStore store, String leaseId, String key, String dead) {
		List<AcquireResult> results = store.acquire(leaseId, Long.MAX_VALUE,
				List.of(new AcquireOrder(key, dead, false)));
		assertThat(results).hasSize(1);
		return results.get(0);
	}

	protected static KeyLook seen(AcquireResult result) {
		assertThat(result).isInstanceOf(Busy.class);
		return ((Busy) result).seen();
	}

	protected static Granted grant(LeaseStore store, String leaseId, String key, @Nullable String dead) {
		List<AcquireResult> results = store.acquire(leaseId, Long.MAX_VALUE,
				List.of(new AcquireOrder(key, dead, false)));
		assertThat(results).singleElement().isInstanceOf(Granted.class);
		return (Granted) results.get(0);
	}

	protected static Granted grant(LeaseStore store, String leaseId, String key) {
		return grant(store, leaseId, key, null);
	}

	protected static void release(LeaseStore store, String leaseId, Granted grant) {
		store.release(List.of(new ReleaseOrder(grant.key(), leaseId, grant.token())), List.of());
	}

	protected static KeyLook look(LeaseStore store, String key) {
		List<KeyLook> looks = store.look(List.of(key)).keys();
		assertThat(looks).singleElement().extracting(KeyLook::key).isEqualTo(key);
		return looks.get(0);
	}

}
