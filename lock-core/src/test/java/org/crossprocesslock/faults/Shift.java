package org.crossprocesslock.faults;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Has workers work, rest and leave. */
final class Shift {

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private boolean resting;

	private boolean over;

	private int working;

	/**
	 * Waits while there is rest; answers {@code false} when there is no work any more.
	 */
	boolean begin() throws InterruptedException {
		this.lock.lock();
		try {
			while (this.resting && !this.over) {
				this.changed.await();
			}
			if (!this.over) {
				this.working++;
			}
			return !this.over;
		}
		finally {
			this.lock.unlock();
		}
	}

	void end() {
		this.lock.lock();
		try {
			this.working--;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Lets nobody begin any more and waits until all have ended. */
	void rest() throws InterruptedException {
		this.lock.lock();
		try {
			this.resting = true;
			while (this.working > 0) {
				this.changed.await();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	void resume() {
		this.lock.lock();
		try {
			this.resting = false;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Sends everybody home and waits until all have ended. */
	void finish() throws InterruptedException {
		this.lock.lock();
		try {
			this.over = true;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		rest();
	}

}
