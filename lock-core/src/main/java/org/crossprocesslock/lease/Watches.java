package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;
import org.jspecify.annotations.Nullable;

/**
 * Which leases of others may be reaped: rules 4 and 5 of the protocol. Remembers the
 * renewal counters it has seen; those seen first are forgotten first.
 */
final class Watches {

	/**
	 * Added to a lease's own duration before it counts as unchanged: one part in this
	 * many, for both clocks.
	 */
	private static final int MARGIN_DIVISOR = 5;

	private static final int REMEMBERED = 1000;

	private record Watch(long counter, long sinceNanos) {

	}

	private final Map<String, Watch> watches = new LinkedHashMap<>() {

		private static final long serialVersionUID = 1L;

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, Watch> eldest) {
			return size() > REMEMBERED;
		}

	};

	/** How to reap the lease that was seen, {@code null} if it counts as alive. */
	Command.@Nullable Reap reap(KeyLook seen, Instants now) {
		String leaseId = seen.leaseId();
		LeaseLook lease = seen.lease();
		if (leaseId == null || lease == null) {
			return null;
		}
		if (lease.remaining().isNegative() || lease.remaining().isZero()) {
			return new Command.Reap(leaseId, null);
		}
		return isUnchanged(leaseId, lease, now) ? new Command.Reap(leaseId, lease.counter()) : null;
	}

	/**
	 * Counted from the receipt of the first look with this counter: counted from its
	 * sending, a renewal that came just before the look ran would be overlooked.
	 */
	private boolean isUnchanged(String leaseId, LeaseLook lease, Instants now) {
		Watch watch = this.watches.get(leaseId);
		if (watch == null || watch.counter() != lease.counter()) {
			this.watches.put(leaseId, new Watch(lease.counter(), now.nanos()));
			return false;
		}
		Duration patience = lease.duration().plus(lease.duration().dividedBy(MARGIN_DIVISOR));
		return !now.isBefore(watch.sinceNanos() + TimeSource.nanos(patience));
	}

}
