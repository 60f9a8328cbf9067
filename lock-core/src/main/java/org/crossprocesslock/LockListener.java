package org.crossprocesslock;

import java.time.Duration;

/**
 * Is called for what a {@link LockManager} does. Every method has an empty default.
 * <p>
 * <b>Threads.</b> All calls of one manager come from one thread of the library, one after
 * the other, without thread locals or transactions of the callers' threads. A listener of
 * several managers is called by as many threads.
 * </p>
 * <p>
 * <b>Order.</b> Calls come in the order in which things happened in this process: for one
 * request {@code onRequested}, {@code onAcquired} or {@code onRefused}, {@code onLost},
 * {@code onReleased}; and where one guard follows another on the same key,
 * {@code onReleased} of the first before {@code onAcquired} of the second. They come soon
 * (milliseconds), but possibly after the method has returned that caused them.
 * {@code close()} of the manager waits up to a second for those that are left.
 * </p>
 * <p>
 * <b>Nothing waits for a listener.</b> One that is slow, blocks for ever or throws an
 * exception delays no lease, grant, release or loss, only its own events. Its exceptions
 * are logged. Up to 65,536 events wait for a slow listener; further ones are dropped,
 * which is logged when it begins and when it ends, and reported by {@link #onDropped}.
 * Events that wait for a listener are lost when the process ends.
 * </p>
 *
 * @since 0.1.0
 */
public interface LockListener {

	/** How a request ended that was not granted. */
	enum Refusal {

		/** Others held the key; the request had no wait time. */
		BUSY,

		/** Others held the key for the whole wait time. */
		TIMED_OUT,

		/** The caller gave up: interrupted or cancelled. */
		ABANDONED,

		/** The store failed, or the manager was closed. */
		FAILED

	}

	/** How one renewal of the lease ended. */
	enum Renewal {

		/** The lease was extended. */
		RENEWED,

		/** The lease was no longer there. */
		GONE,

		/** The store failed; the next beat tries again. */
		FAILED

	}

	/**
	 * A request was made. Followed by exactly one of {@code onAcquired} and
	 * {@code onRefused}.
	 * @param request the request
	 */
	default void onRequested(LockRequest request) {
	}

	/**
	 * A request was granted. Followed by exactly one {@code onReleased}.
	 * @param request the request
	 * @param fencingToken the token of the guard
	 * @param waited the time from the request to the grant
	 */
	default void onAcquired(LockRequest request, long fencingToken, Duration waited) {
	}

	/**
	 * A request ended without a guard.
	 * @param request the request
	 * @param refusal why
	 * @param waited the time from the request to this end
	 */
	default void onRefused(LockRequest request, Refusal refusal, Duration waited) {
	}

	/**
	 * A guard was lost. Its {@code onReleased} still follows, when its user closes it.
	 * @param request the request that acquired it
	 * @param fencingToken the token of the guard
	 * @param reason how it was lost
	 */
	default void onLost(LockRequest request, long fencingToken, String reason) {
	}

	/**
	 * A guard was closed, lost or not; others may have the key soon.
	 * @param request the request that acquired it
	 * @param fencingToken the token of the guard
	 * @param held the time from the grant to the close
	 */
	default void onReleased(LockRequest request, long fencingToken, Duration held) {
	}

	/**
	 * A busy key will be polled again after a pause.
	 * @param pause the pause
	 */
	default void onBackoff(Duration pause) {
	}

	/**
	 * A renewal of this process's lease was answered.
	 * @param renewal how it ended
	 */
	default void onRenewal(Renewal renewal) {
	}

	/**
	 * This process's lease is over, and with it every guard that was open.
	 * @param reason how it was lost
	 */
	default void onLeaseLost(String reason) {
	}

	/**
	 * This listener was too slow, and some events were dropped: its counts are too low by
	 * as many. Called when it has caught up.
	 * @param events how many
	 */
	default void onDropped(long events) {
	}

}
