package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockManagerContract;

/** The contract over a store in memory, so that a failure here is one of the engine. */
class LeaseLockManagerTests extends LockManagerContract {

	private final SimulatedStore store = new SimulatedStore(
			() -> TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis()), Duration.ofSeconds(2));

	@Override
	protected LockManager newManager(LockListener listener) {
		return new LeaseLockManager(this.store, LeaseOptions.defaults(), "contract", listener);
	}

	@Override
	protected Optional<LockManager> newManagerOfAnotherProcess() {
		return Optional.of(newManager(new LockListener() {
		}));
	}

}
