package org.crossprocesslock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A key that a process has, by one guard or because it lingers.
 *
 * @param key the key
 * @param name the name of the request for meters, see {@link LockRequest#name()};
 * {@code null} for a key that lingers, which nobody has asked for
 * @param mode whom it excludes
 * @param token the fencing token of the guard; of a key that lingers, that of its last
 * guard
 * @param heldFor the time since the guard was granted; of a key that lingers, since this
 * process got it from the store
 * @param state what it is in
 * @since 0.1.0
 */
public record HeldKey(String key, @Nullable String name, LockMode mode, long token, Duration heldFor, State state) {

	/** What a key that a process has is in. */
	public enum State {

		/** A guard holds it. */
		HELD,

		/**
		 * A fenced transaction commits under its guard, which may be closed already. The
		 * key is released afterwards.
		 */
		IN_COMMIT,

		/** Nobody holds it; it stays with the process for a moment. */
		LINGERING,

		/**
		 * Nobody holds it, but its last grant was to hold it at least for a time that is
		 * not over. Of keys in memory; what a store keeps is seen there.
		 */
		KEPT,

		/** Its guard was lost and has not been closed by its user. */
		LOST

	}

}
