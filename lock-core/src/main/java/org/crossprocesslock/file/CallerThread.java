package org.crossprocesslock.file;

import org.jspecify.annotations.Nullable;

/**
 * The thread of a caller who blocks until one request has ended. It waits in the kernel
 * itself, which wakes it and nobody else: to be woken by another thread, which the kernel
 * wakes, takes longer than all the rest of taking a key over.
 */
final class CallerThread {

	/**
	 * The group of all virtual threads. One that is blocked in the kernel would keep the
	 * thread that carries it from all others.
	 */
	private static final String VIRTUAL = "VirtualThreads";

	private static final CallerThread NONE = new CallerThread(null);

	private @Nullable Thread thread;

	private volatile @Nullable KeyWait<?> wait;

	private volatile boolean givenBack;

	private CallerThread(@Nullable Thread thread) {
		this.thread = thread;
	}

	/** Of a caller that goes on meanwhile. */
	static CallerThread none() {
		return NONE;
	}

	/** The current thread, which will call {@link #work()}. */
	static CallerThread current() {
		return new CallerThread(Thread.currentThread());
	}

	/**
	 * Takes a wait upon itself, to be done in {@link #work()}.
	 * @return whether it does, which it does not if this is another thread
	 */
	boolean takes(KeyWait<?> wait) {
		if (Thread.currentThread() != this.thread || isVirtual()) {
			return false;
		}
		this.wait = wait;
		if (this.givenBack) {
			// who has given it back may have come too early to see the wait
			wait.start();
		}
		return true;
	}

	private static boolean isVirtual() {
		ThreadGroup group = Thread.currentThread().getThreadGroup();
		return group != null && VIRTUAL.equals(group.getName());
	}

	/**
	 * Waits, until there is nothing to wait for, the thread is given back, or it is
	 * interrupted. Whoever is responsible for the request then gives it back.
	 */
	void work() {
		KeyWait<?> done = null;
		for (KeyWait<?> next = this.wait; next != null && next != done; next = this.wait) {
			next.runHere();
			done = next;
		}
		this.thread = null;
	}

	/** The request is over: whatever wait goes on does so on another thread. */
	void giveBack() {
		this.givenBack = true;
		KeyWait<?> present = this.wait;
		if (present != null) {
			try {
				present.start();
			}
			catch (Throwable ex) {
				present.fail(ex);
			}
		}
	}

}
