package org.crossprocesslock;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * How a {@link LockManager} is, and what it has and waits for.
 *
 * @param status whether keys can be had
 * @param statusFor for how long this has been so
 * @param reason why not, to follow a colon in a sentence: the loss, or the last failure
 * to open; {@code null} if there is nothing to say. Names no key
 * @param lease the lease of this process, {@code null} on backends without leases
 * @param guards how many guards are open, lost ones that were not closed included
 * @param requests how many requests wait
 * @param held what is held, at most as many entries as asked for, those held longest
 * first where the backend knows the order: one for each guard and each key that lingers
 * @param waiting what is waited for, at most as many entries as asked for: one for each
 * key
 * @since 0.1.0
 */
public record LockReport(Status status, Duration statusFor, @Nullable String reason, @Nullable LeaseReport lease,
		int guards, int requests, List<HeldKey> held, List<WaitedKey> waiting) {

	/** Whether keys can be had. */
	public enum Status {

		/**
		 * Not yet: nobody has asked for a key so far, so there is no lease. The first
		 * request opens one.
		 */
		NOT_OPENED,

		/** Not yet: the first lease is being opened. Requests wait. */
		OPENING,

		/** Yes. */
		OPEN,

		/**
		 * Not any more. With leases another one is being opened, without an end; a
		 * {@link org.crossprocesslock.LockManager} without leases must be made anew if
		 * what it has lost was the pid lock of its directory.
		 */
		LOST,

		/** The manager was closed. */
		CLOSED

	}

}
