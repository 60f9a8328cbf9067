package org.crossprocesslock.lease;

import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.RepeatedFault;
import org.crossprocesslock.lease.Command.Answer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that makes the calls of a store. Safe from any thread. */
final class StoreThread implements StoreCaller {

	private record Errand(Command command, Consumer<Answer> then) {

	}

	private static final Logger logger = LoggerFactory.getLogger(StoreThread.class);

	/** Made before there is no memory for it. */
	private static final Answer NOTHING_KNOWN = new Answer.NoAnswer(new LockStoreException(
			"The lock store broke, and its error could not be kept", new IllegalStateException("see the log"), false));

	private final RepeatedFault failures = new RepeatedFault();

	private final LeaseStore store;

	private final Thread thread;

	private volatile @Nullable Errand errand;

	private volatile boolean ended;

	private StoreThread(String name, LeaseStore store) {
		this.store = store;
		this.thread = EngineThreads.daemon(name, this::work);
	}

	/** Throws what the machine throws if it has no thread to give. */
	static StoreThread started(String name, LeaseStore store) {
		StoreThread made = new StoreThread(name, store);
		made.thread.start();
		return made;
	}

	@Override
	public void make(Command command, Consumer<Answer> then) {
		this.errand = new Errand(command, then);
		LockSupport.unpark(this.thread);
	}

	@Override
	public void end() {
		this.ended = true;
		LockSupport.unpark(this.thread);
	}

	private void work() {
		while (true) {
			// whoever has interrupted it meant a call that is over; it would never rest
			// again
			boolean unused = Thread.interrupted();
			Errand next = this.errand;
			if (next != null) {
				this.errand = null;
				run(next);
			}
			else if (this.ended) {
				return;
			}
			else {
				LockSupport.park(this);
			}
		}
	}

	private void run(Errand next) {
		Answer answer = answer(next.command());
		try {
			next.then().accept(answer);
		}
		catch (Throwable ex) {
			this.failures.happened(logger, "An answer of the lock store could not be delivered", ex);
		}
	}

	private Answer answer(Command command) {
		try {
			return command.madeOn(this.store);
		}
		catch (Throwable ex) {
			return NOTHING_KNOWN;
		}
	}

}
