package org.crossprocesslock.lease;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.RepeatedFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that takes one turn after the other. */
final class TimerThread implements Timer {

	private static final Logger logger = LoggerFactory.getLogger(TimerThread.class);

	private static final long PAUSE_AFTER_FAILURE_NANOS = 100_000_000L;

	private final RepeatedFault failures = new RepeatedFault();

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

	/** Without the next turn no loss would ever be told, and no wait end. */
	private long rest() {
		try {
			return this.turn.getAsLong();
		}
		catch (Throwable ex) {
			this.failures.happened(logger, "The time could not pass for the lease engine", ex);
			return PAUSE_AFTER_FAILURE_NANOS;
		}
	}

	private void work() {
		for (long rest = rest(); rest != OVER; rest = rest()) {
			LockSupport.parkNanos(this, rest);
			// an interrupt means nobody here, and would keep it from resting ever again
			boolean unused = Thread.interrupted();
		}
	}

}
