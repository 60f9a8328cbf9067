package org.crossprocesslock.lease;

import java.io.IOException;
import java.util.SplittableRandom;

import org.crossprocesslock.FailingListener;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong inside a process in one schedule, and how often. As with
 * {@link Weather}, every kind is missing from some schedules.
 *
 * @param hanging probability that a call of the store without an answer, or a connection
 * that is being opened, hangs instead of failing
 * @param noThread probability that a thread cannot be made
 * @param throwing probability that a listener or a callback throws
 * @param blocking probability that a listener or a callback blocks for a while
 * @param stalls probability that what happens to a process happens on a thread that is
 * stopped in its middle
 * @param defects probability that the machine meets the end of the memory or of the stack
 * @param unsent probability that a call cannot be handed to its thread
 */
record Trouble(double hanging, double noThread, double throwing, double blocking, double stalls, double defects,
		double unsent) {

	/** Nothing. */
	static final Trouble NONE = new Trouble(0, 0, 0, 0, 0, 0, 0);

	private static final String SIMULATED = "simulated";

	static Trouble drawn(SplittableRandom random) {
		return new Trouble(often(random, 0.8), often(random, 0.3), often(random, 0.3), often(random, 0.05),
				often(random, 0.05), often(random, 0.006), often(random, 0.01));
	}

	private static double often(SplittableRandom random, double most) {
		return random.nextBoolean() ? random.nextDouble(most) : 0;
	}

	/** The same in which the machine throws several times. */
	Trouble withDefects() {
		return new Trouble(this.hanging, this.noThread, this.throwing, this.blocking, this.stalls, 0.02, this.unsent);
	}

	/** Throws any of what may be thrown anywhere. */
	static RuntimeException anything(SplittableRandom random) {
		Throwable thrown = switch (random.nextInt(5)) {
			case 0 -> new IOException(SIMULATED);
			case 1 -> new IllegalStateException(SIMULATED);
			case 2 -> new NoClassDefFoundError(SIMULATED);
			case 3 -> new OutOfMemoryError(SIMULATED);
			default -> new StackOverflowError(SIMULATED);
		};
		throw FailingListener.<RuntimeException>sneaky(thrown);
	}

	/** There is no thread, nor the memory to ask one for something. */
	static OutOfMemoryError outOfMemory() {
		return new OutOfMemoryError(SIMULATED);
	}

	static boolean isSimulated(@Nullable Throwable failure) {
		return failure != null && SIMULATED.equals(failure.getMessage());
	}

}
