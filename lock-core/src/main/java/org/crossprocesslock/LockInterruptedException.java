package org.crossprocesslock;

/**
 * The thread was interrupted while it waited for a lock, where an
 * {@link InterruptedException} cannot be thrown: around an annotated method. The thread's
 * interrupt flag is set.
 *
 * @since 0.1.0
 */
public final class LockInterruptedException extends LockException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param key the key that was waited for
	 * @param cause the interrupt
	 */
	public LockInterruptedException(String key, InterruptedException cause) {
		super("Interrupted while waiting for key '" + key + "'; the lock is not held", cause);
	}

}
