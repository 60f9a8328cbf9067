package org.crossprocesslock.annotation;

import org.crossprocesslock.LockTimeoutException;

/**
 * What a call of a {@link CrossProcessLocked} method does when others held the key for
 * the whole wait time.
 *
 * @since 0.1.0
 */
public enum OnBusy {

	/** The call ends in a {@link LockTimeoutException}. The default. */
	FAIL,

	/**
	 * The method is not run. The call returns an empty {@code Optional} (or
	 * {@code OptionalInt}, {@code OptionalLong}, {@code OptionalDouble}) where the method
	 * returns one, otherwise {@code null}; a stage is completed with these, a publisher
	 * is empty. Refused at start on a method that returns a primitive or another type
	 * that has no value for that.
	 */
	SKIP

}
