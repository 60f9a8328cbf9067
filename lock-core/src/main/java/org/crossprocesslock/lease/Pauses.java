package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

import org.crossprocesslock.engine.Backoff;

/**
 * How long to leave a busy key alone: rule 13 of the protocol. However many processes
 * wait, all of them together ask at a bounded rate.
 */
final class Pauses {

	/** Among so many leases each asks once in as many of these, at most. */
	static final Duration FOR_EACH_LEASE = Duration.ofMillis(10);

	private final LeaseOptions options;

	private final RandomGenerator random;

	private int leases = 1;

	Pauses(LeaseOptions options, RandomGenerator random) {
		this.options = options;
		this.random = random;
	}

	/** So many leases there are in the store. */
	void leases(int count) {
		this.leases = count;
	}

	/**
	 * The next pause of somebody who has paused so often, the longest for one who will be
	 * told. It is made to end together with the next one of another key that ends when
	 * this one might just as well.
	 * @param untilNext the time until that one ends
	 */
	long next(int step, boolean longest, OptionalLong untilNext) {
		long backoff = longest ? this.options.maxBackoff().toNanos()
				: Backoff.pause(this.options.initialBackoff(), this.options.maxBackoff(), step);
		long least = Math.max(backoff / 2, least());
		long most = most(backoff);
		boolean together = untilNext.isPresent() && untilNext.getAsLong() >= least && untilNext.getAsLong() <= most;
		return together ? untilNext.getAsLong() : least + this.random.nextLong(most - least + 1);
	}

	/** A single process waits for nobody. */
	private long least() {
		return (this.leases - 1) * FOR_EACH_LEASE.toNanos();
	}

	private long most(long backoff) {
		return Math.max(backoff, least() + least() / 2);
	}

	/**
	 * In which somebody who only looks finds a key free that is released at every close:
	 * within the longest pause it sees that the key moves, and looks quickly for as long
	 * again. Pauses double, so that the longest of somebody who has seen a key stand
	 * still is not much more than twice as long as it has.
	 */
	long turnOfThoseWhoLook(long stoodStillNanos) {
		return 2 * Math.min(most(this.options.maxBackoff().toNanos()), most(2 * stoodStillNanos));
	}

}
