package org.crossprocesslock.annotation;

import java.util.concurrent.locks.ReentrantLock;

/**
 * Interrupts the thread that made it, at most once and not after its end.
 */
final class Interruption {

	private final Thread thread = Thread.currentThread();

	private final ReentrantLock lock = new ReentrantLock();

	private boolean ended;

	private boolean interrupted;

	/** From any thread. */
	void interrupt() {
		this.lock.lock();
		try {
			if (!this.ended && !this.interrupted) {
				this.interrupted = true;
				this.thread.interrupt();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * From the thread itself: an interrupt that it has not noticed is taken back.
	 */
	void end() {
		this.lock.lock();
		try {
			this.ended = true;
			if (this.interrupted) {
				boolean unused = Thread.interrupted();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	boolean isEnded() {
		this.lock.lock();
		try {
			return this.ended;
		}
		finally {
			this.lock.unlock();
		}
	}

}
