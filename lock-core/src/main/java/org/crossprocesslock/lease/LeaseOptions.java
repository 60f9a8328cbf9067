package org.crossprocesslock.lease;

import java.time.Duration;

import org.crossprocesslock.engine.Backoff;
import org.jspecify.annotations.Nullable;

/**
 * How a process keeps its lease and waits for keys. Immutable; start from
 * {@link #defaults()}. Every default of the lease backend is here and nowhere else.
 *
 * @param leaseDuration how long the process counts as alive without a renewal, and so the
 * longest time others wait for the keys of one that died; 1 second to 1 day
 * @param renewInterval time between two renewals, at most a third of the duration
 * @param holderName a name that stays the same over restarts and that no two running
 * processes share. With it, a starting process ends the leases its predecessor left, so
 * that their keys are free at once. A predecessor that in fact still runs detects that at
 * its next renewal; until then both may hold the same key. {@code null} to have none
 * @param initialBackoff delay after the first poll of a busy key; doubles with each
 * further poll
 * @param maxBackoff the longest delay between two polls
 * @param purgeAge how long an unused lock row stays; its tokens grow further afterwards,
 * unless the store's clock is set back by more than this
 * @param linger how long a key may stay with this process after its last guard was
 * closed, so that the next request of this process gets it without a statement. Ends as
 * soon as another process is known to wait for the key; if a notification is lost, others
 * wait for that long, and a request without wait time finds the key busy. On a store
 * without notifications no key lingers. At most the lease duration; zero to release every
 * key when its last guard is closed
 * @since 0.1.0
 */
public record LeaseOptions(Duration leaseDuration, Duration renewInterval, @Nullable String holderName,
		Duration initialBackoff, Duration maxBackoff, Duration purgeAge, Duration linger) {

	/** Default of {@link #leaseDuration()}. */
	public static final Duration DEFAULT_LEASE_DURATION = Duration.ofSeconds(10);

	/** Renewals in one lease duration, unless an interval is given. */
	public static final int RENEWALS_PER_LEASE = 10;

	/** Default of {@link #initialBackoff()}. */
	public static final Duration DEFAULT_INITIAL_BACKOFF = Backoff.DEFAULT_INITIAL;

	/** Default of {@link #maxBackoff()}. */
	public static final Duration DEFAULT_MAX_BACKOFF = Backoff.DEFAULT_MAX;

	/** Default of {@link #purgeAge()}. */
	public static final Duration DEFAULT_PURGE_AGE = Duration.ofDays(1);

	/** Default of {@link #linger()}: no key lingers. */
	public static final Duration DEFAULT_LINGER = Duration.ZERO;

	/** Longest holder name that is accepted, in characters. */
	public static final int MAX_HOLDER_LENGTH = 200;

	/** Renewals that fit into one lease duration at least. */
	private static final int FEWEST_RENEWALS_PER_LEASE = 3;

	private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

	private static final Duration LONGEST_LEASE = Duration.ofDays(1);

	/**
	 * Checks the relations.
	 * @throws IllegalArgumentException if a value or a relation is not allowed; the
	 * message names the values
	 */
	public LeaseOptions {
		checkLeaseDuration(leaseDuration);
		// divided, not multiplied: any length there is may have been configured
		if (!isPositive(renewInterval)
				|| renewInterval.compareTo(leaseDuration.dividedBy(FEWEST_RENEWALS_PER_LEASE)) > 0) {
			throw new IllegalArgumentException(
					"Renew interval " + renewInterval + " is not between zero and a third of the lease duration "
							+ leaseDuration + "; the lease must survive a renewal or two that fail");
		}
		if (!isPositive(initialBackoff) || initialBackoff.compareTo(maxBackoff) > 0) {
			throw new IllegalArgumentException(
					"Initial backoff " + initialBackoff + " is not between zero and the maximum backoff " + maxBackoff);
		}
		if (maxBackoff.compareTo(LONGEST_LEASE) > 0) {
			throw new IllegalArgumentException("Maximum backoff " + maxBackoff + " is longer than " + LONGEST_LEASE);
		}
		if (purgeAge.compareTo(leaseDuration) < 0) {
			throw new IllegalArgumentException(
					"Purge age " + purgeAge + " is shorter than the lease duration " + leaseDuration);
		}
		if (linger.isNegative() || linger.compareTo(leaseDuration) > 0) {
			throw new IllegalArgumentException("Linger " + linger + " is not between zero and the lease duration "
					+ leaseDuration + ", which others are prepared to wait for");
		}
		if (holderName != null && (holderName.isBlank() || holderName.length() > MAX_HOLDER_LENGTH)) {
			throw new IllegalArgumentException(
					"Holder name '" + holderName + "' is blank or longer than " + MAX_HOLDER_LENGTH + " characters");
		}
	}

	/**
	 * The defaults.
	 * @return options with every default
	 */
	public static LeaseOptions defaults() {
		return new LeaseOptions(DEFAULT_LEASE_DURATION, DEFAULT_LEASE_DURATION.dividedBy(RENEWALS_PER_LEASE), null,
				DEFAULT_INITIAL_BACKOFF, DEFAULT_MAX_BACKOFF, DEFAULT_PURGE_AGE, DEFAULT_LINGER);
	}

	/**
	 * Checks a lease duration by itself.
	 * @param leaseDuration the lease duration
	 * @return the same
	 * @throws IllegalArgumentException if it is too short or too long; the message names
	 * it
	 */
	public static Duration checkLeaseDuration(Duration leaseDuration) {
		if (leaseDuration.compareTo(SHORTEST_LEASE) < 0 || leaseDuration.compareTo(LONGEST_LEASE) > 0) {
			throw new IllegalArgumentException(
					"Lease duration " + leaseDuration + " is not between " + SHORTEST_LEASE + " and " + LONGEST_LEASE);
		}
		return leaseDuration;
	}

	/**
	 * The same with another duration, and renewals in the default proportion to it.
	 * @param leaseDuration the lease duration
	 * @return new options
	 */
	public LeaseOptions withLeaseDuration(Duration leaseDuration) {
		return withLease(leaseDuration, leaseDuration.dividedBy(RENEWALS_PER_LEASE));
	}

	/**
	 * The same with another duration and renew interval.
	 * @param leaseDuration the lease duration
	 * @param renewInterval time between two renewals
	 * @return new options
	 */
	public LeaseOptions withLease(Duration leaseDuration, Duration renewInterval) {
		return new LeaseOptions(leaseDuration, renewInterval, this.holderName, this.initialBackoff, this.maxBackoff,
				this.purgeAge, this.linger);
	}

	/**
	 * The same with a stable holder name.
	 * @param holderName the name, see {@link #holderName()}
	 * @return new options
	 */
	public LeaseOptions withHolderName(@Nullable String holderName) {
		return new LeaseOptions(this.leaseDuration, this.renewInterval, holderName, this.initialBackoff,
				this.maxBackoff, this.purgeAge, this.linger);
	}

	/**
	 * The same with other pauses.
	 * @param initialBackoff delay after the first poll of a busy key
	 * @param maxBackoff the longest pause
	 * @return new options
	 */
	public LeaseOptions withBackoff(Duration initialBackoff, Duration maxBackoff) {
		return new LeaseOptions(this.leaseDuration, this.renewInterval, this.holderName, initialBackoff, maxBackoff,
				this.purgeAge, this.linger);
	}

	/**
	 * The same with another purge age.
	 * @param purgeAge how long an unused lock row stays
	 * @return new options
	 */
	public LeaseOptions withPurgeAge(Duration purgeAge) {
		return new LeaseOptions(this.leaseDuration, this.renewInterval, this.holderName, this.initialBackoff,
				this.maxBackoff, purgeAge, this.linger);
	}

	/**
	 * The same with another linger.
	 * @param linger how long a key may stay with this process after its last guard was
	 * closed
	 * @return new options
	 */
	public LeaseOptions withLinger(Duration linger) {
		return new LeaseOptions(this.leaseDuration, this.renewInterval, this.holderName, this.initialBackoff,
				this.maxBackoff, this.purgeAge, linger);
	}

	private static boolean isPositive(Duration duration) {
		return !duration.isNegative() && !duration.isZero();
	}

}
