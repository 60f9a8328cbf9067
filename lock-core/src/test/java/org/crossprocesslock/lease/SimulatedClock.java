package org.crossprocesslock.lease;

import java.util.function.LongSupplier;

/**
 * The two clocks of one simulated host. The monotonic one runs too fast or too slow and
 * stands still while the host is suspended. The wall clock of a host that may be
 * suspended is right, that of any other drifts along.
 */
final class SimulatedClock {

	private static final long WALL_ORIGIN_MILLIS = 1_700_000_000_000L;

	private final LongSupplier trueNanos;

	private final double rate;

	private final boolean wallIsRight;

	// any origin will do, so some wrap during the run
	private final long origin;

	private long suspendedAt = -1;

	private long suspended;

	SimulatedClock(LongSupplier trueNanos, double rate, boolean wallIsRight, long origin) {
		this.trueNanos = trueNanos;
		this.rate = rate;
		this.wallIsRight = wallIsRight;
		this.origin = origin;
	}

	boolean canBeSuspended() {
		return this.wallIsRight;
	}

	void suspend() {
		this.suspendedAt = this.trueNanos.getAsLong();
	}

	void resume() {
		if (this.suspendedAt >= 0) {
			this.suspended += this.trueNanos.getAsLong() - this.suspendedAt;
			this.suspendedAt = -1;
		}
	}

	Instants now() {
		long now = this.trueNanos.getAsLong();
		long awake = ((this.suspendedAt >= 0) ? this.suspendedAt : now) - this.suspended;
		long wall = this.wallIsRight ? now : (long) (now * this.rate);
		return new Instants(this.origin + (long) (awake * this.rate), WALL_ORIGIN_MILLIS + wall / 1_000_000);
	}

	/** How long the monotonic clock takes for it, in true time and at least. */
	long trueNanos(long localNanos) {
		return (long) (localNanos / this.rate) + 1;
	}

}
