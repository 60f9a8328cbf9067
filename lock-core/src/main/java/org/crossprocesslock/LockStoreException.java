package org.crossprocesslock;

/**
 * The store behind the lock failed: it is not known whether the key is free. Never used
 * for a key that is merely busy.
 *
 * @since 0.1.0
 */
public final class LockStoreException extends LockException {

	private static final long serialVersionUID = 1L;

	private final boolean permanent;

	/**
	 * Creates the exception.
	 * @param message what failed
	 * @param cause what the store said
	 * @param permanent whether trying again cannot help
	 */
	public LockStoreException(String message, Throwable cause, boolean permanent) {
		super(message, cause);
		this.permanent = permanent;
	}

	/**
	 * Whether trying again cannot help until the cause is repaired, for example a missing
	 * table.
	 * @return {@code true} if waiting cannot cure it
	 */
	public boolean isPermanent() {
		return this.permanent;
	}

}
