package org.crossprocesslock.lease.jdbc;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

import org.crossprocesslock.LockStoreException;

/**
 * Ways to the database for calls from several threads: as many as there have ever been at
 * a time. The one used last is used first, so that light work needs one connection only.
 */
final class Lanes implements AutoCloseable {

	private final Supplier<Lane> opener;

	private final Deque<Lane> idle = new ConcurrentLinkedDeque<>();

	private volatile boolean closed;

	Lanes(Supplier<Lane> opener) {
		this.opener = opener;
	}

	/**
	 * Runs the work on a way that no other call uses.
	 * @param attempt what is attempted, for the message of a failure
	 * @param tables the table or tables it is about, for the same
	 * @throws LockStoreException if it fails
	 */
	<T> T call(Supplier<String> attempt, String tables, Lane.Work<T> work) {
		Lane idle = this.idle.pollFirst();
		Lane lane = (idle != null) ? idle : this.opener.get();
		try {
			return lane.call(attempt, tables, work);
		}
		finally {
			this.idle.addFirst(lane);
			if (this.closed) {
				closeIdle();
			}
		}
	}

	/** Also those in use, as soon as their call is over. */
	@Override
	public void close() {
		this.closed = true;
		closeIdle();
	}

	private void closeIdle() {
		for (Lane lane = this.idle.pollFirst(); lane != null; lane = this.idle.pollFirst()) {
			lane.close();
		}
	}

}
