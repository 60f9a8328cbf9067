package org.crossprocesslock.annotation;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for what another thread is about to do, without the pauses of longer waits.
 */
final class Soon {

	/** Long enough for whatever is going to happen, on any machine. */
	static final Duration LIMIT = Duration.ofSeconds(60);

	private Soon() {
	}

	static void until(BooleanSupplier condition) {
		long deadline = System.nanoTime() + LIMIT.toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - deadline > 0) {
				throw new AssertionError("Did not happen within " + LIMIT);
			}
			LockSupport.parkNanos(100_000);
		}
	}

}
