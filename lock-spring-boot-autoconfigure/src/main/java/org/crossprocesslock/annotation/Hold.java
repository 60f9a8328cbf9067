package org.crossprocesslock.annotation;

import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockMode;
import org.jspecify.annotations.Nullable;

/**
 * One guard and how many still need it: calls that run under it, and the transaction it
 * is kept for. Released with the last of them.
 */
final class Hold implements AutoCloseable {

	private final LockGuard guard;

	private final LockMode mode;

	private final boolean fenced;

	private final Runnable forget;

	// of the holding thread only
	private @Nullable Interruption interruption;

	// not only the holding thread: a transaction may be completed by another one
	private final AtomicInteger uses = new AtomicInteger(1);

	// of the holding thread, read by whoever ends the last use
	private volatile @Nullable SharedHold shared;

	/**
	 * Creates a hold with one use.
	 * @param fenced whether transactions that begin under it are checked
	 */
	Hold(LockGuard guard, LockMode mode, boolean fenced, Runnable forget) {
		this.guard = guard;
		this.mode = mode;
		this.fenced = fenced;
		this.forget = forget;
	}

	/** Lets a call in that asks for the key again on the thread that holds it. */
	void reenter(LockMode asked) {
		checkMode(asked);
		checkHeld();
		keep();
	}

	/** Refuses a call that would wait for the lock that its own thread holds. */
	void checkMode(LockMode asked) {
		checkMode(this.guard.key(), this.mode, asked);
	}

	static void checkMode(String key, LockMode held, LockMode asked) {
		if (held == LockMode.SHARED_IN_PROCESS && asked == LockMode.EXCLUSIVE) {
			throw new IllegalStateException(
					"This thread already holds key '" + key + "' in mode " + held + " and asks for it in mode " + asked
							+ ", which would wait for itself for ever; take " + asked + " in the outer call");
		}
	}

	/**
	 * Lets work in that may last longer than all uses. Only for the thread of a call that
	 * holds the lock.
	 * @return what to leave when the work is done
	 */
	SharedHold share() {
		SharedHold present = this.shared;
		if (present == null) {
			present = new SharedHold(this.guard, this.mode);
			this.shared = present;
		}
		boolean unused = present.join();
		return present;
	}

	LockGuard guard() {
		return this.guard;
	}

	boolean isFenced() {
		return this.fenced;
	}

	/**
	 * Has the calling thread, which holds the lock, interrupted when it is lost, unless a
	 * call outside of this one has asked for that.
	 * @return what to end when the call ends, or {@code null} if an outer one does
	 */
	@Nullable Interruption interruptWhenLost() {
		if (this.interruption != null && !this.interruption.isEnded()) {
			return null;
		}
		Interruption begun = new Interruption();
		this.interruption = begun;
		this.guard.onLost(begun::interrupt);
		return begun;
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
		try {
			this.forget.run();
		}
		finally {
			release();
		}
	}

	private void release() {
		SharedHold others = this.shared;
		if (others != null) {
			others.close();
		}
		else {
			this.guard.close();
		}
	}

}
