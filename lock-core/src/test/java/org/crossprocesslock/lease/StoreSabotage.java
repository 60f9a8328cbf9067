package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

/** Breaks the protocol by a store whose statements lack a condition or say too much. */
final class StoreSabotage extends Sabotage {

	private final BiFunction<LongSupplier, Duration, SimulatedStore> store;

	StoreSabotage(BiFunction<LongSupplier, Duration, SimulatedStore> store) {
		this.store = store;
	}

	@Override
	SimulatedStore store(LongSupplier clockMicros, Duration answerLimit) {
		return this.store.apply(clockMicros, answerLimit);
	}

	/** A release deletes the row, and with it the memory of the token. */
	static final class ResetsTokens extends SimulatedStore {

		ResetsTokens(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		long nextToken(@Nullable LockRow row) {
			return (row != null) ? row.token() + TOKENS_PER_GRANT : TOKENS_PER_GRANT;
		}

		@Override
		public synchronized Set<String> release(List<ReleaseOrder> orders, List<Notice> notices) {
			Set<String> locked = super.release(orders, notices);
			orders.forEach((order) -> this.locks.computeIfPresent(order.key(),
					(key, row) -> (row.leaseId() != null) ? row : null));
			return locked;
		}

	}

	/** A release frees what its grant was to keep. */
	static final class ReleasesWhatIsKept extends SimulatedStore {

		ReleasesWhatIsKept(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		boolean isKept(@Nullable LockRow row) {
			return super.isKept(row) && row != null && row.leaseId() != null;
		}

	}

	/** A release frees whatever is in the row. */
	static final class ReleasesByKey extends SimulatedStore {

		ReleasesByKey(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		boolean isMeant(LockRow row, ReleaseOrder order) {
			return true;
		}

	}

	/** A release does not look at the token. */
	static final class ReleasesByLease extends SimulatedStore {

		ReleasesByLease(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		boolean isMeant(LockRow row, ReleaseOrder order) {
			return Objects.equals(row.leaseId(), order.leaseId());
		}

	}

	/** An acquire takes what its own lease has already. */
	static final class GrantsAgain extends SimulatedStore {

		GrantsAgain(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		boolean mayTake(@Nullable LockRow row, String leaseId, AcquireOrder order) {
			return super.mayTake(row, leaseId, order) || (row != null && leaseId.equals(row.leaseId()));
		}

	}

	/** An acquire takes the row of an expired lease and leaves the lease row alone. */
	static final class StealsWithoutReap extends SimulatedStore {

		StealsWithoutReap(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		public synchronized boolean reap(String leaseId) {
			return !isAlive(leaseId);
		}

	}

	/** Whoever wants a lease to end deletes it, while its guards are held. */
	static final class EndsLeasesAtOnce extends SimulatedStore {

		EndsLeasesAtOnce(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		void endNextTime(String leaseId) {
			this.leases.remove(leaseId);
		}

	}

	/** A purge does not look at the token. */
	static final class PurgesAnyToken extends SimulatedStore {

		PurgesAnyToken(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		boolean isUnused(LockRow row, long before) {
			return row.leaseId() == null;
		}

	}

	/** A purge does not look at the lease id. */
	static final class PurgesHeldRows extends SimulatedStore {

		PurgesHeldRows(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		boolean isUnused(LockRow row, long before) {
			return row.token() < before;
		}

	}

	/**
	 * A renewal does not count the counter up, so the lease looks dead to its watchers.
	 */
	static final class CountsNoRenewals extends SimulatedStore {

		CountsNoRenewals(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		public synchronized Optional<Kept> renew(String leaseId) {
			Optional<Kept> found = super.renew(leaseId);
			this.leases.computeIfPresent(leaseId,
					(id, row) -> new LeaseRow(row.holder(), row.expiresAt(), row.duration(), 0));
			return found;
		}

	}

	/** A renewal inserts the row that was reaped. */
	static final class RecreatesLeases extends SimulatedStore {

		RecreatesLeases(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		public synchronized Optional<Kept> renew(String leaseId) {
			// one that is to end is still there
			return super.renew(leaseId).or(() -> hasLease(leaseId) ? Optional.empty()
					: Optional.of(open(leaseId, "again", Simulation.OPTIONS.leaseDuration())));
		}

	}

	/** A lease opened again under the id it had before is the same lease. */
	static final class TakesLeaseIdsTwice extends SimulatedStore {

		TakesLeaseIdsTwice(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		public synchronized Kept open(String leaseId, String holder, Duration duration) {
			end(leaseId);
			return super.open(leaseId, holder, duration);
		}

	}

	/** A crash goes unnoticed. */
	static final class HidesItsCrashes extends SimulatedStore {

		HidesItsCrashes(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		String session() {
			return "always the same";
		}

	}

	/** A crash undoes a release although others have acted on it. */
	static final class UndoesTheBasisOfOthers extends SimulatedStore {

		UndoesTheBasisOfOthers(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		void flush() {
		}

	}

	/** What is read may be half a second old where it is about leases. */
	private abstract static class HasReplica extends SimulatedStore {

		private static final long LAG_MICROS = 500_000;

		private final Map<String, Long> openedAt = new HashMap<>();

		HasReplica(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		public synchronized Kept open(String leaseId, String holder, Duration duration) {
			this.openedAt.put(leaseId, now());
			return super.open(leaseId, holder, duration);
		}

		KeyLook behind(KeyLook look) {
			boolean behind = now() - this.openedAt.getOrDefault(look.leaseId(), 0L) < LAG_MICROS;
			return behind ? new KeyLook(look.key(), look.leaseId(), look.token(), null) : look;
		}

	}

	/** A busy acquire reads the leases in an older snapshot than the lock row. */
	static final class SeesOldLeasesWhenBusy extends HasReplica {

		SeesOldLeasesWhenBusy(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		KeyLook seenByAcquire(String key) {
			return behind(super.seenByAcquire(key));
		}

	}

	/** A look reads from a replica that has stopped. */
	static final class LooksAtStoppedReplica extends SimulatedStore {

		private final Map<String, KeyLook> seen = new HashMap<>();

		LooksAtStoppedReplica(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		KeyLook look(String key) {
			KeyLook look = super.look(key);
			if (look.lease() != null) {
				this.seen.putIfAbsent(key, look);
			}
			return this.seen.getOrDefault(key, look);
		}

	}

	/** A release answers that it has freed what is locked. */
	static final class HidesLockedRows extends SimulatedStore {

		HidesLockedRows(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		public synchronized Set<String> release(List<ReleaseOrder> orders, List<Notice> notices) {
			super.release(orders, notices);
			return Set.of();
		}

	}

	/** An acquire takes rows whenever it runs. */
	static final class TakesTooLate extends SimulatedStore {

		TakesTooLate(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		boolean isTooLate(long notAfter) {
			return false;
		}

	}

	/** A fence does not look at the row, but locks it. */
	static final class FenceIgnoresTheRow extends SimulatedStore {

		FenceIgnoresTheRow(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		boolean isFencedFor(@Nullable LockRow row, String leaseId, long token) {
			return true;
		}

	}

	/** A fence looks at the row, but does not keep it locked until the commit. */
	static final class FenceDoesNotLock extends SimulatedStore {

		FenceDoesNotLock(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		synchronized boolean isFenced(String key) {
			return false;
		}

	}

	/** An acquire answers with the lease id that it has written, not the one before. */
	static final class ForgetsWhoCameBefore extends SimulatedStore {

		ForgetsWhoCameBefore(LongSupplier clockMicros, Duration answerLimit) {
			super(clockMicros, answerLimit);
		}

		@Override
		public synchronized List<AcquireResult> acquire(String leaseId, long notAfter, List<AcquireOrder> orders) {
			List<AcquireResult> results = new ArrayList<>();
			for (AcquireResult result : super.acquire(leaseId, notAfter, orders)) {
				results.add((result instanceof Granted granted) ? new Granted(granted.key(), granted.token(), leaseId)
						: result);
			}
			return results;
		}

	}

}
