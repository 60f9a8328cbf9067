package org.crossprocesslock.lease;

/**
 * What this process knows of the store's clock, which it reads with every renewal and
 * look. Nothing but time rests on what it makes of it: an acquire with a limit that is
 * wrong comes too late, or is in doubt for longer.
 */
final class StoreClock {

	private boolean known;

	private long micros;

	private long sentNanos;

	private long heardNanos;

	/**
	 * The store's clock has been read.
	 * @param sent before it was read
	 * @param now after it was read
	 * @return whether it was set back since it was read last
	 */
	boolean heard(long clock, Instants sent, Instants now) {
		// less than nothing if both readings were under way at a time
		long passed = (sent.nanos() - this.heardNanos) / 1000;
		// this host's clock may run faster than the store's
		long drift = Math.abs(passed) / LeaseTerm.DRIFT_MARGIN_DIVISOR;
		boolean setBack = this.known && clock - this.micros < passed - drift;
		this.known = true;
		this.micros = clock;
		this.sentNanos = sent.nanos();
		this.heardNanos = now.nanos();
		return setBack;
	}

	/** What it shows in so many nanoseconds, as far as is known. */
	long in(long nanos, Instants now) {
		return this.micros + (now.nanos() - this.sentNanos + nanos) / 1000;
	}

	/** Whether it is known to have been past that. */
	boolean isPast(long clock) {
		return this.micros > clock;
	}

}
