package org.crossprocesslock.lease;

/**
 * A statement that is under way.
 *
 * @param number tells it from all others
 * @param slot where it is under way
 * @param command what is asked of the store
 * @param sent when it was sent, read before it could start
 * @param answerBy when nobody waits for its answer any more, by the monotonic clock
 */
record Call(long number, Slot slot, Command command, Instants sent, long answerBy) {

	/** There is one statement under way in each at most. None waits for another. */
	enum Slot {

		/** Keeps the lease. */
		LEASE,

		/** Acquires keys. */
		ACQUIRE,

		/** Looks, reaps and purges, and acquires where it is worth another statement. */
		LOOK,

		/** Releases keys and tells other processes. */
		RELEASE

	}

}
