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

	/** No turn of another process is taken to be longer. */
	static final Duration LONGEST_TURN = Duration.ofMillis(200);

	/**
	 * After that a holder is told again: what was told may have got lost, and those who
	 * share the key there may never all have closed it.
	 */
	static final Duration TELL_AGAIN = Duration.ofSeconds(5);

	/**
	 * Among many leases each does so less often: one that is heard is enough, and each
	 * notification wakes all who listen.
	 */
	private static final Duration TELL_FOR_EACH_LEASE = Duration.ofMillis(200);

	/** Whoever will be called waits so many times as long as before, or half that. */
	private static final int TIMES_IN_LINE = 4;

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
	 * The next pause of somebody who has paused so often.
	 * @param untilNext the time until the next pause for another key ends
	 */
	long next(int step, OptionalLong untilNext) {
		return together(backoff(step), untilNext);
	}

	/**
	 * The pause of somebody who will be called, in case that is lost. If it is not, the
	 * turn comes before.
	 * @param stoodNanos how long it has stood in the line before
	 */
	long untilCalled(long stoodNanos, OptionalLong untilNext) {
		long turn = Math.min(TIMES_IN_LINE * stoodNanos, (this.leases - 1) * LONGEST_TURN.toNanos());
		return together(Math.max(this.options.maxBackoff().toNanos(), turn), untilNext);
	}

	/**
	 * The pause of the one whose turn it is: the key is not free for it yet, but will be
	 * when somebody's statement is through.
	 */
	long between(int step) {
		long backoff = backoff(step);
		return backoff / 2 + this.random.nextLong(backoff / 2 + 1);
	}

	/** The longest of somebody who is not told, for whom nothing is to be had before. */
	long longest() {
		return together(this.options.maxBackoff().toNanos(), OptionalLong.empty());
	}

	/** After how long a holder is told again who waits. */
	long untilToldAgain() {
		return Math.max(TELL_AGAIN.toNanos(), (this.leases - 1) * TELL_FOR_EACH_LEASE.toNanos());
	}

	private long backoff(int step) {
		return Backoff.pause(this.options.initialBackoff(), this.options.maxBackoff(), step);
	}

	/** Made to end together with another one that ends when this one might as well. */
	private long together(long backoff, OptionalLong untilNext) {
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
