package org.crossprocesslock.lease;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import org.crossprocesslock.engine.EngineThreads;

/** A thread that takes one turn after the other. */
final class TimerThread implements Timer {

	private final LongSupplier turn;

	private final Thread thread;

	/**
	 * Makes the thread and does not start it.
	 * @param turn takes a turn and answers for how many nanoseconds there is no need for
	 * another, or {@link #OVER}
	 */
	TimerThread(String name, LongSupplier turn) {
		this.turn = turn;
		this.thread = EngineThreads.daemon(name, this::work);
	}

	@Override
	public void start() {
		this.thread.start();
	}

	@Override
	public void wake() {
		LockSupport.unpark(this.thread);
	}

	private void work() {
		for (long rest = this.turn.getAsLong(); rest != OVER; rest = this.turn.getAsLong()) {
			LockSupport.parkNanos(this, rest);
			// an interrupt means nobody here, and would keep it from resting ever again
			boolean unused = Thread.interrupted();
		}
	}

}
