package org.crossprocesslock.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.lease.Command.Answer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads that make calls of the store, as many at a time as there are threads. They are
 * made at the start, so that sending a command needs nothing that could be missing. One
 * whose call is overdue is left to itself and another takes its place, up to a bound: a
 * store that never answers must not use up all threads of the host. Safe from any thread;
 * nothing but the threads themselves blocks.
 */
final class Workers implements Calls {

	/** So many calls may hang at a time before no further threads are made. */
	static final int MOST_STUCK = 8;

	private static final Logger logger = LoggerFactory.getLogger(Workers.class);

	/** A call of the store, and who hears of its answer. */
	private record Call(Command command, Consumer<Answer> answers) {

	}

	private final ReentrantLock lock = new ReentrantLock();

	private final String name;

	private final LeaseStore store;

	private final Deque<Worker> idle = new ArrayDeque<>();

	private final List<Worker> busy = new ArrayList<>();

	private final Deque<Call> waiting = new ArrayDeque<>();

	private int stuck;

	private int missing;

	private boolean closed;

	/**
	 * Makes the threads.
	 * @param count how many calls are made at a time
	 */
	Workers(String name, int count, LeaseStore store) {
		this.name = name;
		this.store = store;
		for (int i = 0; i < count; i++) {
			this.idle.add(new Worker());
		}
		this.idle.forEach((worker) -> worker.thread.start());
	}

	@Override
	public boolean run(Command command, Consumer<Answer> answers) {
		this.lock.lock();
		try {
			if (this.closed) {
				return false;
			}
			replaceMissing();
			Call call = new Call(command, answers);
			Worker worker = this.idle.poll();
			if (worker != null) {
				this.busy.add(worker);
				worker.take(call);
				return true;
			}
			return !this.busy.isEmpty() && this.waiting.add(call);
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void abandon(Command command) {
		this.lock.lock();
		try {
			this.waiting.removeIf((call) -> call.command() == command);
			for (Worker worker : List.copyOf(this.busy)) {
				if (worker.isAt(command)) {
					this.busy.remove(worker);
					worker.abandoned = true;
					this.stuck++;
					this.missing++;
				}
			}
			replaceMissing();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void abandonAll() {
		this.lock.lock();
		try {
			this.waiting.clear();
			for (Worker worker : List.copyOf(this.busy)) {
				Call call = worker.call;
				if (call != null) {
					abandon(call.command());
				}
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	int stuck() {
		this.lock.lock();
		try {
			return this.stuck;
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void close() {
		this.lock.lock();
		try {
			this.closed = true;
			this.idle.forEach((worker) -> LockSupport.unpark(worker.thread));
		}
		finally {
			this.lock.unlock();
		}
	}

	private void replaceMissing() {
		while (this.missing > 0 && this.stuck <= MOST_STUCK && !this.closed) {
			try {
				Worker worker = new Worker();
				worker.thread.start();
				this.missing--;
				serve(worker);
			}
			catch (Throwable ex) {
				// tried again with the next command
				logger.debug("No thread can be made to take the place of one that is stuck", ex);
				return;
			}
		}
	}

	/** Gives the worker what waits, or a rest. */
	private void serve(Worker worker) {
		Call next = this.waiting.poll();
		if (next != null) {
			this.busy.add(worker);
			worker.take(next);
		}
		else {
			this.idle.push(worker);
		}
	}

	/** Called by a worker that has told its answer. Answers whether it goes on. */
	private boolean done(Worker worker) {
		this.lock.lock();
		try {
			worker.call = null;
			if (worker.abandoned) {
				worker.abandoned = false;
				this.stuck--;
				if (this.missing == 0) {
					return false;
				}
				this.missing--;
			}
			this.busy.remove(worker);
			serve(worker);
			return worker.call != null || !this.closed;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Whether the answer of the call that it has just made still counts. */
	private boolean mayAnswer(Worker worker) {
		this.lock.lock();
		try {
			return !worker.abandoned;
		}
		finally {
			this.lock.unlock();
		}
	}

	private boolean isClosed() {
		this.lock.lock();
		try {
			return this.closed && this.waiting.isEmpty();
		}
		finally {
			this.lock.unlock();
		}
	}

	private Answer answer(Command command) {
		try {
			return command.runOn(this.store);
		}
		catch (LockStoreException ex) {
			return new Answer.NoAnswer(ex);
		}
		catch (Throwable ex) {
			// a defect of the store must not end the thread: without it nothing is
			// renewed any more
			return new Answer.NoAnswer(new LockStoreException("The lock store broke on " + command, ex, true));
		}
	}

	/** One thread, and the call that it is at. */
	private final class Worker {

		private final Thread thread = EngineThreads.daemon(Workers.this.name, this::work);

		private volatile @Nullable Call call;

		private boolean abandoned;

		void take(Call next) {
			this.call = next;
			LockSupport.unpark(this.thread);
		}

		boolean isAt(Command command) {
			Call present = this.call;
			return present != null && present.command() == command;
		}

		private void work() {
			boolean goesOn = true;
			while (goesOn) {
				Call next = this.call;
				if (next != null) {
					Answer answer = answer(next.command());
					if (mayAnswer(this)) {
						tell(next, answer);
					}
					goesOn = done(this);
				}
				else if (isClosed()) {
					goesOn = false;
				}
				else if (this.call == null) {
					// asked again: waiting for the lock above may have used up the
					// wake-up
					LockSupport.park(Workers.this);
				}
			}
		}

		private void tell(Call told, Answer answer) {
			try {
				told.answers().accept(answer);
			}
			catch (Throwable ex) {
				logger.error("An answer of the lock store could not be told; please report this", ex);
			}
		}

	}

}
