package org.crossprocesslock.annotation;

import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One guard and how many works need it, each on whatever threads. Released with the last
 * of them. Safe from any thread.
 */
final class SharedHold implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(SharedHold.class);

	private final LockGuard guard;

	private final LockMode mode;

	private final AtomicInteger works = new AtomicInteger(1);

	private final Losses losses = new Losses();

	private final AtomicBoolean listening = new AtomicBoolean();

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

	/**
	 * As {@link LockGuard#onLost}, until {@link #forget}.
	 */
	void onLost(Runnable callback) {
		if (this.listening.compareAndSet(false, true)) {
			this.guard.onLost(this.losses);
		}
		this.losses.add(callback);
	}

	/** Does not tell the callback any more, nor keep it. */
	void forget(Runnable callback) {
		this.losses.remove(callback);
	}

	/**
	 * Ends a work. Does not block.
	 * @return completes when the lock is released, if it was the last work; fails with a
	 * {@link LockLostException} if the lock was lost meanwhile
	 */
	CompletableFuture<Void> leave() {
		try {
			if (this.works.decrementAndGet() == 0) {
				return Objects.requireNonNull(this.guard.closeAsync(), () -> "The guard of key '" + this.guard.key()
						+ "', of " + this.guard.getClass() + ", has returned null when it was closed. Is it a mock?");
			}
			checkHeld();
			return CompletableFuture.completedFuture(null);
		}
		catch (Throwable ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * Ends a work under several holds, whatever happens with one of them. Does not block.
	 * @return completes when all is done that {@link #leave()} does, and fails with the
	 * loss of one of the locks
	 */
	static CompletableFuture<Void> leave(Collection<SharedHold> holds) {
		CompletableFuture<Void> left = new CompletableFuture<>();
		CompletableFuture<?>[] each = holds.stream().map(SharedHold::leave).toArray(CompletableFuture[]::new);
		var unused = CompletableFuture.allOf(each).whenComplete((all, failure) -> {
			if (failure == null) {
				left.complete(null);
			}
			else {
				left.completeExceptionally((failure.getCause() != null) ? failure.getCause() : failure);
			}
		});
		return left;
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

	/**
	 * Those who are told of the loss. A guard keeps what it calls until its end, however
	 * many works come and go, and must not be reached by that, or nobody would find a
	 * forgotten one.
	 */
	private static final class Losses implements Runnable {

		private final Set<Runnable> callbacks = ConcurrentHashMap.newKeySet();

		private volatile boolean lost;

		void add(Runnable callback) {
			this.callbacks.add(callback);
			if (this.lost) {
				callback.run();
			}
		}

		void remove(Runnable callback) {
			this.callbacks.remove(callback);
		}

		@Override
		public void run() {
			this.lost = true;
			for (Runnable callback : this.callbacks) {
				try {
					callback.run();
				}
				catch (Throwable ex) {
					// the others have lost their lock too
					logger.error("Work that has lost its lock could not be ended", ex);
				}
			}
		}

	}

}
