package org.crossprocesslock;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The state of a {@link LockManager}, and the keys that it holds and waits for.
 *
 * @param status whether keys can be acquired
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

	/** Whether keys can be acquired. */
	public enum Status {

		/**
		 * Not yet: no key was requested so far, so there is no lease. The first request
		 * opens one.
		 */
		NOT_OPENED,

		/**
		 * Not yet: the first lease is being opened, and requests wait. Without leases the
		 * last request has failed to open the directory, and the next one tries again.
		 */
		OPENING,

		/** Yes. */
		OPEN,

		/**
		 * No longer. With leases another one is being opened, until that succeeds; a
		 * {@link org.crossprocesslock.LockManager} that has lost the pid lock of its
		 * directory must be created again.
		 */
		LOST,

		/** The manager was closed. */
		CLOSED

	}

}
