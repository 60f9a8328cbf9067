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

	private final @Nullable Duration keptFor;

	/**
	 * Creates the exception.
	 * @param key the key
	 * @param waited how long the caller has waited
	 * @param holder the holder last seen, {@code null} where it is not known
	 */
	public LockTimeoutException(String key, Duration waited, @Nullable String holder) {
		this(key, waited, holder, null);
	}

	/**
	 * Creates the exception.
	 * @param key the key
	 * @param waited how long the caller has waited
	 * @param holder the holder last seen, {@code null} where it is not known
	 * @param keptFor for how long the key is still kept although it is not held, see
	 * {@link LockRequest#holdAtLeast()}; {@code null} if that is not why
	 */
	public LockTimeoutException(String key, Duration waited, @Nullable String holder, @Nullable Duration keptFor) {
		super("Key '" + key + "' was busy for the whole wait of " + waited
				+ (holder != null ? ", last seen with holder '" + holder + "'" : "")
				+ (keptFor != null ? ": kept by holdAtLeast of its last holder, for another " + keptFor : "")
				+ "; wait longer, or do without the work this time", null);
		this.key = key;
		this.waited = waited;
		this.holder = holder;
		this.keptFor = keptFor;
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
	 * The readable name of the process that held the key at the last poll.
	 * @return the holder, or {@code null} where it is not known
	 */
	public @Nullable String getHolder() {
		return this.holder;
	}

	/**
	 * For how long the key was still kept at the last poll, although it was not held.
	 * @return the time, or {@code null} if that was not why it was busy
	 */
	public @Nullable Duration getKeptFor() {
		return this.keptFor;
	}

}
