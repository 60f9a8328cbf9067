package org.crossprocesslock;

/**
 * The lease ran out or was taken while the guard was open: from some moment on, others
 * may have held the key. What was done under the lock must be treated as done without it.
 *
 * @see LockGuard
 * @since 0.1.0
 */
public final class LockLostException extends LockException {

	private static final long serialVersionUID = 1L;

	private final String key;

	private final long fencingToken;

	/**
	 * Creates the exception.
	 * @param key the key
	 * @param fencingToken the token of the lost guard
	 * @param reason how it was lost
	 */
	public LockLostException(String key, long fencingToken, String reason) {
		super("Key '" + key + "' (fencing token " + fencingToken + ") was lost while it was held: " + reason
				+ ". Others may have held it since; treat the work done under it as done without a lock", null);
		this.key = key;
		this.fencingToken = fencingToken;
	}

	/**
	 * The key that was lost.
	 * @return the key
	 */
	public String getKey() {
		return this.key;
	}

	/**
	 * The token of the guard that was lost.
	 * @return the fencing token
	 */
	public long getFencingToken() {
		return this.fencingToken;
	}

}
