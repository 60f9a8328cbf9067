package org.crossprocesslock.annotation;

import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.engine.GuardedWork;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call of an annotated method that runs under its lock, or under several. Closed by
 * the thread that made it.
 */
final class LockedCall implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(LockedCall.class);

	private final Hold hold;

	private final GuardedWork work;

	private final @Nullable Interruption interruption;

	private final boolean singleTransaction;

	private final @Nullable LockedCall before;

	/**
	 * Begins the call on this thread.
	 * @param hold the lock it runs under
	 * @param fencing what is to be done about its transactions
	 * @param onLost what to do when the lock is lost meanwhile
	 * @param singleTransaction whether all the call does is one transaction that begins
	 * after the lock was taken
	 * @param before the same call under another lock, which ends after this one
	 */
	LockedCall(Hold hold, Fencing fencing, OnLost onLost, boolean singleTransaction, @Nullable LockedCall before) {
		this.hold = hold;
		this.interruption = (onLost == OnLost.INTERRUPT) ? hold.interruptWhenLost() : null;
		this.singleTransaction = singleTransaction;
		this.before = before;
		// last, as nobody would take it from the thread again
		this.work = GuardedWork.begin(hold.guard(), fencing);
	}

	/**
	 * Ends the call on this thread, while its work goes on elsewhere.
	 * @return what to leave when the work is done
	 */
	List<SharedHold> handOver() {
		List<SharedHold> kept = new ArrayList<>();
		for (LockedCall call = this; call != null; call = call.before) {
			kept.add(call.hold.share());
		}
		try {
			close();
		}
		catch (LockLostException ex) {
			logger.debug("A lock was lost while the work under it goes on, which is reported when it ends", ex);
		}
		return kept;
	}

	/**
	 * Ends the call under all its locks, whatever happens with one of them.
	 * @throws LockLostException if a lock was lost meanwhile, unless the call is a
	 * transaction that was committed after its check; with those of the others suppressed
	 */
	@Override
	public void close() {
		try (LockedCall others = this.before) {
			closeOwn();
		}
	}

	private void closeOwn() {
		try {
			try {
				leave();
			}
			finally {
				this.hold.close();
			}
		}
		catch (LockLostException ex) {
			if (!this.singleTransaction || !this.work.isFirstTransactionCommitted()) {
				throw ex;
			}
			logger.debug("The lock was lost after the method's transaction had been checked and committed", ex);
		}
	}

	private void leave() {
		this.work.close();
		if (this.interruption != null) {
			this.interruption.end();
		}
	}

}
