package org.crossprocesslock;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * What a caller asks a {@link LockManager} for. Immutable, safe from any thread.
 *
 * @param key the thing to exclude: 1 to {@value #MAX_KEY_LENGTH} characters of ASCII
 * letters, digits, {@code -}, {@code _} and {@code .}, of which the first and the last
 * are a letter or a digit, so that every backend can use it as it is, as a file name too;
 * {@link LockKeys#of} makes one of any text
 * @param mode which other guards to exclude
 * @param waitTime how long to wait for other holders, zero for one attempt; any length,
 * longer than a {@code long} of nanoseconds too, is for ever in practice
 * @param name a name for metrics and traces, from a small fixed set, never the evaluated
 * key (which would give every key its own time series)
 * @param holdAtLeast the minimum time for which the key stays busy for all others, from
 * the moment it is granted to this request, however soon its guard is closed; zero to
 * free it with the close. It lasts through a shutdown and a crash if the store outlives
 * the process, so that a scheduled job does not run again on an instance whose clock is
 * late. Zero to {@link #LONGEST_HOLD_AT_LEAST}; only in mode {@link LockMode#EXCLUSIVE}
 * @since 0.1.0
 */
public record LockRequest(String key, LockMode mode, Duration waitTime, String name, Duration holdAtLeast) {

	/** Longest key that is accepted, in characters. */
	public static final int MAX_KEY_LENGTH = 200;

	/** The longest {@link #holdAtLeast()} that is accepted. */
	public static final Duration LONGEST_HOLD_AT_LEAST = Duration.ofDays(1);

	/** The {@link #name()} of a request that was given none. */
	public static final String UNNAMED = "unnamed";

	private static final int SHOWN_OF_A_BAD_KEY = 60;

	/**
	 * Checks the request.
	 * @throws IllegalArgumentException if the key breaks the rule above (the message
	 * names the key, shortened, and the rule), the wait time is negative, the name is
	 * blank, or the time to hold the key at least is out of its range or asked for in
	 * another mode than {@link LockMode#EXCLUSIVE}
	 */
	public LockRequest {
		Objects.requireNonNull(mode, "mode");
		checkKey(key);
		if (waitTime.isNegative()) {
			throw new IllegalArgumentException(
					"Wait time " + waitTime + " for key '" + key + "' is negative; use zero for a single attempt");
		}
		if (name.isBlank()) {
			throw new IllegalArgumentException("The request for key '" + key + "' has a blank name");
		}
		checkHoldAtLeast(key, mode, holdAtLeast);
	}

	/**
	 * An exclusive request without a name.
	 * @param key the key
	 * @param waitTime how long to wait, zero for one attempt
	 * @return the request
	 * @throws IllegalArgumentException if the key or the wait time is not allowed
	 */
	public static LockRequest of(String key, Duration waitTime) {
		return new LockRequest(key, LockMode.EXCLUSIVE, waitTime, UNNAMED, Duration.ZERO);
	}

	/**
	 * The same request in the given mode.
	 * @param mode which other guards to exclude
	 * @return a new request
	 * @throws IllegalArgumentException if it would hold a key at least for a time that it
	 * shares
	 */
	public LockRequest withMode(LockMode mode) {
		return new LockRequest(this.key, mode, this.waitTime, this.name, this.holdAtLeast);
	}

	/**
	 * The same request with the given wait time.
	 * @param waitTime how long to wait, zero for one attempt
	 * @return a new request
	 * @throws IllegalArgumentException if the wait time is negative
	 */
	public LockRequest withWaitTime(Duration waitTime) {
		return new LockRequest(this.key, this.mode, waitTime, this.name, this.holdAtLeast);
	}

	/**
	 * The same request under the given metric name.
	 * @param name a name from a small fixed set
	 * @return a new request
	 * @throws IllegalArgumentException if the name is blank
	 */
	public LockRequest withName(String name) {
		return new LockRequest(this.key, this.mode, this.waitTime, name, this.holdAtLeast);
	}

	/**
	 * The same request, which keeps the key from all others for that long at least, see
	 * {@link #holdAtLeast()}. The guard can be closed and lost as usual: it protects work
	 * for as long as it is held, not for this time.
	 * @param time the time from the grant, at most {@link #LONGEST_HOLD_AT_LEAST}
	 * @return a new request
	 * @throws IllegalArgumentException if the time is negative or too long, or the mode
	 * is not exclusive
	 */
	public LockRequest holdingAtLeast(Duration time) {
		return new LockRequest(this.key, this.mode, this.waitTime, this.name, time);
	}

	private static void checkHoldAtLeast(String key, LockMode mode, Duration time) {
		if (time.isNegative() || time.compareTo(LONGEST_HOLD_AT_LEAST) > 0) {
			throw new IllegalArgumentException("Key '" + key + "' cannot be held for " + time
					+ " at least: from zero to " + LONGEST_HOLD_AT_LEAST + " is allowed");
		}
		if (!time.isZero() && mode != LockMode.EXCLUSIVE) {
			throw new IllegalArgumentException("Key '" + key + "' cannot be held for " + time + " at least in mode "
					+ mode + ": those who share a key do not keep each other out; use mode EXCLUSIVE");
		}
	}

	static boolean isKey(String text) {
		int length = text.length();
		boolean valid = length >= 1 && length <= MAX_KEY_LENGTH && isLetterOrDigit(text.charAt(0))
				&& isLetterOrDigit(text.charAt(length - 1));
		for (int i = 0; valid && i < length; i++) {
			char c = text.charAt(i);
			valid = isAllowed(c);
		}
		return valid;
	}

	private static void checkKey(String key) {
		if (!isKey(key)) {
			throw new IllegalArgumentException("Key '" + shown(key) + "' (" + key.length()
					+ " characters) is not allowed: a key has 1 to " + MAX_KEY_LENGTH
					+ " characters of A-Z, a-z, 0-9, '-', '_' and '.', and begins and ends with a letter or digit. "
					+ "LockKeys.of makes one of any text");
		}
	}

	static boolean isAllowed(int c) {
		return isLetterOrDigit(c) || c == '-' || c == '_' || c == '.';
	}

	private static boolean isLetterOrDigit(int c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
	}

	private static String shown(String key) {
		StringBuilder shown = new StringBuilder();
		key.chars()
			.limit(SHOWN_OF_A_BAD_KEY)
			.forEach((c) -> shown
				.append(c < ' ' || c > '~' ? String.format(Locale.ROOT, "\\u%04x", c) : String.valueOf((char) c)));
		return key.length() > SHOWN_OF_A_BAD_KEY ? shown + "..." : shown.toString();
	}

}
