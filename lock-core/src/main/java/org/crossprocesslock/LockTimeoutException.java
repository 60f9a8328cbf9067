package org.crossprocesslock;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Others held the key for the whole wait time.
 *
 * @since 0.1.0
 */
public final class LockTimeoutException extends LockException {

	private static final long serialVersionUID = 1L;

	private final String key;

	private final Duration waited;

	private final @Nullable String holder;

	/**
	 * Creates the exception.
	 * @param key the key
	 * @param waited how long the caller has waited
	 * @param holder the holder last seen, {@code null} where it is not known
	 */
	public LockTimeoutException(String key, Duration waited, @Nullable String holder) {
		super("Key '" + key + "' was busy for the whole wait of " + waited
				+ (holder != null ? ", last seen with holder '" + holder + "'" : "")
				+ "; wait longer, or do without the work this time", null);
		this.key = key;
		this.waited = waited;
		this.holder = holder;
	}

	/**
	 * The key that was busy.
	 * @return the key
	 */
	public String getKey() {
		return this.key;
	}

	/**
	 * How long the caller has waited.
	 * @return the time from the request to this exception
	 */
	public Duration getWaited() {
		return this.waited;
	}

	/**
	 * The readable name of the process that held the key when it was last looked at.
	 * @return the holder, or {@code null} where it is not known
	 */
	public @Nullable String getHolder() {
		return this.holder;
	}

}
