package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.AbandonedRequestsContract;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;

/** The machine, its shell and its slots over a store that answers at once. */
class LeaseAbandonedRequestsTests extends AbandonedRequestsContract {

	private final SimulatedStore store = new SimulatedStore(
			() -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()), Duration.ofSeconds(2));

	@Override
	protected LockManager newManager(LockListener listener) {
		return new LeaseLockManager(this.store, LeaseOptions.defaults().withLeaseDuration(Duration.ofMinutes(1)),
				"abandoned", listener);
	}

}
