package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The two clocks of this host, and waiting by them. Neither ever appears in a store.
 *
 * @since 0.1.0
 */
public interface TimeSource {

	/** The clocks of the running system. */
	TimeSource SYSTEM = new TimeSource() {

		@Override
		public long nanos() {
			return System.nanoTime();
		}

		@Override
		public long wallMillis() {
			return System.currentTimeMillis();
		}

	};

	/**
	 * The longest time that is counted with; longer ones are for ever. A quarter of the
	 * range of a {@code long}, so that sums and differences of instants cannot overflow.
	 */
	long FOREVER_NANOS = Long.MAX_VALUE / 4;

	/**
	 * The monotonic clock, which may stand still while the machine sleeps.
	 * @return nanoseconds since an arbitrary origin
	 */
	long nanos();

	/**
	 * The wall clock, which may jump.
	 * @return milliseconds since the epoch
	 */
	long wallMillis();

	/**
	 * Waits until the latch is open. An interrupt is kept for later.
	 * @param latch what to wait for
	 * @param limit for how long at most, by the monotonic clock
	 * @return whether it is open
	 */
	default boolean await(CountDownLatch latch, Duration limit) {
		long until = nanos() + TimeSource.nanos(limit);
		boolean interrupted = false;
		try {
			while (true) {
				try {
					return latch.await(until - nanos(), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	/**
	 * The duration in nanoseconds, at most {@link #FOREVER_NANOS} and at least its
	 * negative.
	 * @param duration any duration
	 * @return nanoseconds
	 */
	static long nanos(Duration duration) {
		long longest = FOREVER_NANOS / 1_000_000_000L;
		long seconds = duration.toSeconds();
		if (seconds >= longest) {
			return FOREVER_NANOS;
		}
		return (seconds < -longest) ? -FOREVER_NANOS : duration.toNanos();
	}

}
