package org.crossprocesslock;

import org.jspecify.annotations.Nullable;

/**
 * Root of what goes wrong with locks. Unchecked. Misuse (a bad key, a closed manager) is
 * not among it: that is {@link IllegalArgumentException} and
 * {@link IllegalStateException}.
 *
 * @since 0.1.0
 */
public abstract class LockException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/**
	 * Creates the exception.
	 * @param message what went wrong and what to do about it
	 * @param cause what led to it, {@code null} if nothing did
	 */
	protected LockException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
