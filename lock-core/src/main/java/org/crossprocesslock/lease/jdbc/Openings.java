package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.crossprocesslock.engine.EngineThreads;

/**
 * Asks a {@link DataSource} for connections on threads of its own: no standard call
 * bounds the time a pool or a connect takes, and a thread of ours has no transaction that
 * a proxied DataSource could bind the connection to. What does not come in time is
 * abandoned with its thread, and closed if it comes after all.
 */
final class Openings implements AutoCloseable {

	/** SQLState for a connection that cannot be had. */
	static final String NO_CONNECTION = "08001";

	/** How many may be under way, most of them abandoned then. */
	static final int MOST = 16;

	private static final long IDLE_SECONDS = 10;

	private final DataSource dataSource;

	private final ThreadPoolExecutor threads;

	Openings(DataSource dataSource) {
		this.dataSource = dataSource;
		this.threads = new ThreadPoolExecutor(0, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(),
				EngineThreads.named("cross-process-lock-connect"));
	}

	/** Opens a connection within the time of the call, or within the part of it. */
	Connection open(TimedCall call, Duration part) throws SQLException {
		CompletableFuture<Connection> opening = begin();
		try {
			return call.await(opening, part);
		}
		catch (Throwable ex) {
			abandon(opening);
			throw ex;
		}
	}

	/** Begins to open a connection. */
	CompletableFuture<Connection> begin() {
		CompletableFuture<Connection> opening = new CompletableFuture<>();
		try {
			this.threads.execute(() -> open(opening));
		}
		catch (Throwable ex) {
			// too many are under way, or this process has no thread left for it
			opening.completeExceptionally(new SQLException(
					"no thread to open a connection on, " + this.threads.getActiveCount() + " are under way",
					NO_CONNECTION, ex));
		}
		return opening;
	}

	private void open(CompletableFuture<Connection> opening) {
		try {
			Connection connection = this.dataSource.getConnection();
			if (connection == null) {
				throw new SQLException("the DataSource returned no connection", NO_CONNECTION);
			}
			if (!opening.complete(connection)) {
				Closing.close(connection);
			}
		}
		catch (Throwable ex) {
			// whatever a pool throws is the answer to the one who waits
			opening.completeExceptionally(ex);
		}
	}

	/** Nobody waits any more: what has arrived or still arrives is closed. */
	@SuppressWarnings("FutureReturnValueIgnored") // a failure concerns nobody either
	static void abandon(CompletableFuture<Connection> opening) {
		if (!opening.cancel(false)) {
			opening.thenAccept((connection) -> Closing.closeInTime(List.of(connection)));
		}
	}

	@Override
	public void close() {
		this.threads.shutdown();
	}

}
