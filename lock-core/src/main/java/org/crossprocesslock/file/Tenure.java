package org.crossprocesslock.file;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * What the guards of one key share from the first to the last of them. Safe from any
 * thread; no method blocks.
 */
interface Tenure {

	/**
	 * Makes sure that no other process has the key.
	 * @param key the key
	 * @return {@code true} if that is so, {@code false} if another process has it; fails
	 * with a {@link org.crossprocesslock.LockStoreException} if it cannot be said
	 */
	CompletableFuture<Boolean> take(String key);

	/** The fencing token, once taken. */
	long token();

	/** Whether it was taken and was neither lost nor ended. */
	boolean isHeld();

	/** How it was lost, {@code null} if it was not. */
	@Nullable String lostReason();

	/** Whether further guards may share it. */
	boolean mayBeJoined();

	/** For how long other processes get their chance after it, if others here wait. */
	default Duration gap() {
		return Duration.ZERO;
	}

	/** Who had the key at the last attempt to take it, {@code null} if not known. */
	@Nullable String lastSeenHolder();

	/** Lets other processes have the key. Called once nobody is inside any more. */
	CompletableFuture<Void> end();

}
