package org.crossprocesslock.lease.jdbc;

import java.time.Duration;

/**
 * How long things may take, all in proportion to the lease. Each is shorter than the one
 * that would have to clean up after it: a lock wait ends before its statement, the
 * statement in the database before the client stops listening for its answer.
 *
 * @param sending from the beginning of a call until its last statement is sent; opening a
 * connection counts
 * @param answer from the sending of a statement until the client stops listening
 * @param statement how long the database works on one statement
 * @param lockWait how long a statement waits for a row, where waiting is right
 * @param commit how long a transaction that was let pass may do nothing before its commit
 */
record Limits(Duration sending, Duration answer, Duration statement, Duration lockWait, Duration commit) {

	private static final int NOTICES_IN_ANSWER = 50;

	private static final Duration LONGEST_NOTICES = Duration.ofMillis(50);

	static Limits of(Duration lease) {
		return new Limits(lease.dividedBy(4), lease.dividedBy(4), lease.dividedBy(5), lease.dividedBy(10), lease);
	}

	/**
	 * How long the connection of the lease waits for notices at a time, and a renewal
	 * behind that: a small part of the pause between two renewals.
	 */
	Duration notices() {
		Duration part = this.answer.dividedBy(NOTICES_IN_ANSWER);
		return (part.compareTo(LONGEST_NOTICES) < 0) ? part : LONGEST_NOTICES;
	}

	/** How long an insert waits for another one of the same key: for a commit. */
	Duration insertWait() {
		return this.lockWait.dividedBy(10);
	}

	/** From the beginning of a call until nothing of it can run any more. */
	Duration call() {
		return this.sending.plus(this.answer);
	}

}
