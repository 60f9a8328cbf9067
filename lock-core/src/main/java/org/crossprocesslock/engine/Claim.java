package org.crossprocesslock.engine;

import java.util.concurrent.CompletableFuture;

/**
 * What a backend has granted to one guard. Methods are safe from any thread; only
 * {@link #release()} may cause I/O, and none blocks or throws.
 *
 * @since 0.1.0
 */
public interface Claim {

	/**
	 * The token of the guard.
	 * @return the fencing token
	 */
	long fencingToken();

	/**
	 * Whether the backend still vouches for it. Once {@code false}, {@code false} for
	 * ever.
	 * @return {@code false} from the moment others may hold the key
	 */
	boolean isHeld();

	/**
	 * Why the backend does not vouch for it any more. Asked when {@link #isHeld()} was
	 * {@code false} before anybody has declared the guard lost.
	 * @return the reason, to follow a colon in a sentence
	 */
	String whyLost();

	/**
	 * Whether the key is dirty in this process.
	 * @return see {@link org.crossprocesslock.LockGuard#isDirty()}
	 */
	boolean isDirty();

	/** Marks the key clean in this process. */
	void clearDirty();

	/**
	 * Does nothing, or throws {@link StackOverflowError} where this thread has too little
	 * room to give the claim up. Called before anything is changed or locked for that: a
	 * stack that ends in between would leave it locked.
	 */
	default void requireRoom() {
		// where a stack that ends in between does no harm
	}

	/**
	 * Gives the claim up. Called at least once, also when it is lost; only the first call
	 * does anything.
	 * @return completes normally when others can have the key, or when the backend has
	 * given up telling them for now
	 */
	CompletableFuture<?> release();

	/**
	 * Gives the claim up like {@link #release()}, of a guard that nobody has received or
	 * that was taken away on purpose: the key is not held on for its sake, see
	 * {@link org.crossprocesslock.LockRequest#holdAtLeast()}.
	 * @return as of {@link #release()}
	 */
	default CompletableFuture<?> giveBack() {
		return release();
	}

}
