package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

import org.crossprocesslock.engine.TimeSource;

/**
 * Notices that travel with statements of PostgreSQL and must not fail them: who is not
 * told finds out by polling. Safe from any thread.
 */
final class NoticesCarried {

	private static final SafeLog logger = new SafeLog(NoticesCarried.class);

	/** SQLState, with that of other limits, of a queue that takes no more. */
	private static final String FULL = "54000";

	private static final Duration PAUSE = Duration.ofMinutes(1);

	private final TimeSource time;

	private final Function<SQLException, ErrorMeaning> meaning;

	private final AtomicBoolean isFull = new AtomicBoolean();

	/** Counts while the queue is full. */
	private volatile long fullSince;

	NoticesCarried(TimeSource time, Function<SQLException, ErrorMeaning> meaning) {
		this.time = time;
		this.meaning = meaning;
	}

	/**
	 * Runs a statement with its notices, and once more without them where they may be
	 * what has failed it: the queue was full, or its commit has waited too long for the
	 * commit of another one that notifies.
	 */
	<T> T with(boolean any, Statement<T> statement) throws SQLException {
		try {
			return unlessFull(any, statement);
		}
		catch (SQLException ex) {
			if (!any || this.meaning.apply(ex) != ErrorMeaning.LOCKED) {
				throw ex;
			}
			return statement.run(false);
		}
	}

	/** The same where a wait is somebody else's matter. */
	<T> T unlessFull(boolean any, Statement<T> statement) throws SQLException {
		boolean told = any && !isFull();
		try {
			return statement.run(told);
		}
		catch (SQLException ex) {
			if (!told || !FULL.equals(ex.getSQLState())) {
				throw ex;
			}
			this.fullSince = this.time.nanos();
			if (this.isFull.compareAndSet(false, true)) {
				logger.warn("The queue of notifications of the database is full. Waiting processes are not notified "
						+ "for a minute and poll instead; see pg_notification_queue_usage(), and end the session that "
						+ "listens in an open transaction", ex);
			}
			return statement.run(false);
		}
	}

	private boolean isFull() {
		if (this.isFull.get() && this.time.nanos() - this.fullSince > PAUSE.toNanos()) {
			this.isFull.set(false);
		}
		return this.isFull.get();
	}

	/** A statement, with or without its notices. */
	interface Statement<T> {

		T run(boolean told) throws SQLException;

	}

}
