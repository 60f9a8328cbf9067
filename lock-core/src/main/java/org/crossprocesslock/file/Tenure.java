package org.crossprocesslock.file;

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
	 * @param mayStay whether the calling thread may be kept for as long as a local file
	 * system takes
	 * @return {@code true} if that is so, {@code false} if another process has it; fails
	 * with a {@link org.crossprocesslock.LockStoreException} if it cannot be said
	 */
	CompletableFuture<Boolean> take(String key, boolean mayStay);

	/**
	 * Waits for a key that another process has, until the tenure is ended.
	 * @param key the key
	 * @param caller may wait itself
	 * @return completes when it is time to take it; fails if it cannot be waited for. To
	 * be cancelled by who gives up
	 */
	CompletableFuture<Void> await(String key, CallerThread caller);

	/** The fencing token, once taken. */
	long token();

	/** Whether it was taken and was neither lost nor ended. */
	boolean isHeld();

	/** How it was lost, {@code null} if it was not. */
	@Nullable String lostReason();

	/** Whether further guards may share it. */
	boolean mayBeJoined();

	/**
	 * Whether it goes on with the next in line although everybody has left. Called under
	 * an internal lock, and followed by {@link #take} if so.
	 */
	boolean continues();

	/** Who had the key at the last attempt to take it, {@code null} if not known. */
	@Nullable String lastSeenHolder();

	/**
	 * Lets other processes have the key. Called once nobody is inside any more.
	 * @return completes when it is done, with whether others want the key who can only
	 * look now and then
	 */
	CompletableFuture<Boolean> end();

}
