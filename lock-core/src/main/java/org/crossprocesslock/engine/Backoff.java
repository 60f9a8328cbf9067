package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses between two looks at a busy key, which double from step to step up to the
 * longest one. The defaults of every backend that has to look are here and nowhere else.
 *
 * @since 0.1.0
 */
public final class Backoff {

	/** Pause after the first look. */
	public static final Duration DEFAULT_INITIAL = Duration.ofMillis(10);

	/** The longest pause. */
	public static final Duration DEFAULT_MAX = Duration.ofSeconds(1);

	private Backoff() {
	}

	/**
	 * A pause.
	 * @param initial pause after the first look
	 * @param max the longest pause
	 * @param step how many pauses there were before
	 * @return the pause in nanoseconds
	 */
	public static long pause(Duration initial, Duration max, int step) {
		long nanos = initial.toNanos();
		return (step >= Long.numberOfLeadingZeros(nanos) - 1) ? max.toNanos() : Math.min(max.toNanos(), nanos << step);
	}

	/**
	 * A pause, shortened at random by up to a half so that processes do not look in step.
	 * @param initial pause after the first look
	 * @param max the longest pause
	 * @param step how many pauses there were before
	 * @param random the source of chance
	 * @return the pause in nanoseconds
	 */
	public static long jittered(Duration initial, Duration max, int step, RandomGenerator random) {
		return jittered(pause(initial, max, step), random);
	}

	/**
	 * A pause, shortened at random by up to a half.
	 * @param pause the pause in nanoseconds
	 * @param random the source of chance
	 * @return the pause in nanoseconds
	 */
	public static long jittered(long pause, RandomGenerator random) {
		return pause - random.nextLong(pause / 2 + 1);
	}

}
