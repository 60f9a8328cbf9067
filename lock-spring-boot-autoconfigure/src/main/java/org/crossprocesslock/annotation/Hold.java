package org.crossprocesslock.annotation;

import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockMode;

/**
 * One guard and how many still need it: calls that run under it, and the transaction it
 * is kept for. Released with the last of them.
 */
final class Hold implements AutoCloseable {

	private final LockGuard guard;

	private final LockMode mode;

	private final Runnable forget;

	// not only the holding thread: a transaction may be completed by another one
	private final AtomicInteger uses = new AtomicInteger(1);

	Hold(LockGuard guard, LockMode mode, Runnable forget) {
		this.guard = guard;
		this.mode = mode;
		this.forget = forget;
	}

	/** Lets a call in that asks for the key again on the thread that holds it. */
	void reenter(LockMode asked) {
		if (this.mode == LockMode.SHARED_IN_PROCESS && asked == LockMode.EXCLUSIVE) {
			throw new IllegalStateException("This thread already holds key '" + this.guard.key() + "' in mode "
					+ this.mode + " and asks for it in mode " + asked + ", which would wait for itself for ever; take "
					+ asked + " in the outer call");
		}
		checkHeld();
		keep();
	}

	void keep() {
		this.uses.incrementAndGet();
	}

	/**
	 * Goes on if the lock is still held.
	 * @throws org.crossprocesslock.LockLostException if it was lost
	 */
	void checkHeld() {
		this.guard.checkHeld();
	}

	/**
	 * Ends one use.
	 * @throws org.crossprocesslock.LockLostException if the lock was lost meanwhile
	 */
	@Override
	public void close() {
		if (this.uses.decrementAndGet() > 0) {
			checkHeld();
			return;
		}
		this.forget.run();
		this.guard.close();
	}

}
