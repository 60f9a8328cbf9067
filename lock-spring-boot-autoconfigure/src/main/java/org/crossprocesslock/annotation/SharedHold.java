package org.crossprocesslock.annotation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockMode;

/**
 * One guard and how many works need it, each on whatever threads. Released with the last
 * of them. Safe from any thread.
 */
final class SharedHold implements AutoCloseable {

	private final LockGuard guard;

	private final LockMode mode;

	private final AtomicInteger works = new AtomicInteger(1);

	/** Creates a hold for one work. */
	SharedHold(LockGuard guard, LockMode mode) {
		this.guard = guard;
		this.mode = mode;
	}

	/**
	 * Lets another work in.
	 * @return whether it was in time, and has something to leave
	 */
	boolean join() {
		return this.works.getAndUpdate((count) -> (count > 0) ? count + 1 : 0) > 0;
	}

	/**
	 * Makes sure that a work may run under it.
	 * @throws IllegalStateException if it would wait for itself
	 */
	void checkMode(LockMode asked) {
		Hold.checkMode(this.guard.key(), this.mode, asked);
	}

	/**
	 * Goes on if the lock is still held.
	 * @throws LockLostException if it was lost
	 */
	void checkHeld() {
		this.guard.checkHeld();
	}

	/** As {@link LockGuard#onLost}. */
	void onLost(Runnable callback) {
		this.guard.onLost(callback);
	}

	/**
	 * Ends a work. Does not block.
	 * @return completes when the lock is released, if it was the last work; fails with a
	 * {@link LockLostException} if the lock was lost meanwhile
	 */
	CompletableFuture<Void> leave() {
		if (this.works.decrementAndGet() == 0) {
			return NonBlockingClose.of(this.guard);
		}
		try {
			checkHeld();
			return CompletableFuture.completedFuture(null);
		}
		catch (LockLostException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * Ends a work of the calling thread, which waits for the release if it was the last
	 * one.
	 * @throws LockLostException if the lock was lost meanwhile
	 */
	@Override
	public void close() {
		if (this.works.decrementAndGet() == 0) {
			this.guard.close();
		}
		else {
			checkHeld();
		}
	}

}
