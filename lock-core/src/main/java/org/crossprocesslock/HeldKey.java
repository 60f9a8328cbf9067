package org.crossprocesslock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A key that a process holds, by one guard or because it lingers.
 *
 * @param key the key
 * @param name the name of the request for meters, see {@link LockRequest#name()};
 * {@code null} for a key that lingers
 * @param mode which other guards it excludes
 * @param token the fencing token of the guard; of a key that lingers, that of its last
 * guard
 * @param heldFor the time since the guard was granted; of a key that lingers, since this
 * process got it from the store
 * @param state its state
 * @since 0.1.0
 */
public record HeldKey(String key, @Nullable String name, LockMode mode, long token, Duration heldFor, State state) {

	/** The state of a key that a process holds. */
	public enum State {

		/** A guard holds it. */
		HELD,

		/**
		 * A fenced transaction commits under its guard, which may be closed already. The
		 * key is released afterwards.
		 */
		IN_COMMIT,

		/** It is not held, but stays reserved for the process for a moment. */
		LINGERING,

		/**
		 * It is not held, but kept by {@link LockRequest#holdAtLeast()} of its last
		 * grant. Only of keys in memory; those in a store are in its
		 * {@linkplain StoredKey#keptFor() report}.
		 */
		KEPT,

		/** Its guard was lost and has not been closed by its user. */
		LOST

	}

}
