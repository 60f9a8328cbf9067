package org.crossprocesslock;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Waits for a condition, for as long as the slowest machine may need.
 */
public final class Eventually {

	/** Long enough for whatever is going to happen, on any machine. */
	public static final Duration LIMIT = Duration.ofMinutes(2);

	private Eventually() {
	}

	/**
	 * Returns as soon as the condition holds.
	 * @param description what is waited for
	 * @param condition the condition
	 * @throws InterruptedException if interrupted
	 */
	public static void until(String description, BooleanSupplier condition) throws InterruptedException {
		long deadline = System.nanoTime() + LIMIT.toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - deadline > 0) {
				throw new AssertionError("Did not happen within " + LIMIT + ": " + description);
			}
			Thread.sleep(2);
		}
	}

}
