package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.crossprocesslock.engine.EngineThreads;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a {@link DataSource} for connections on a thread of its own: no standard call
 * bounds the time a pool or a connect takes, and a thread of ours has no transaction that
 * a proxied DataSource could bind the connection to.
 */
final class ConnectionOpener implements AutoCloseable {

	/** SQLState for a connection that cannot be had. */
	static final String NO_CONNECTION = "08001";

	private static final Logger logger = LoggerFactory.getLogger(ConnectionOpener.class);

	private static final String THREAD = "cross-process-lock-connect";

	private static final long IDLE_SECONDS = 10;

	private static final long CLOSE_MILLIS = 1000;

	private final DataSource dataSource;

	private final ThreadPoolExecutor thread;

	ConnectionOpener(DataSource dataSource) {
		this.dataSource = dataSource;
		this.thread = new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				EngineThreads.named(THREAD));
		this.thread.allowCoreThreadTimeOut(true);
	}

	/** Begins to open a connection, unless it is abandoned before its turn comes. */
	CompletableFuture<Connection> open() {
		CompletableFuture<Connection> opened = new CompletableFuture<>();
		this.thread.execute(() -> open(opened));
		return opened;
	}

	private void open(CompletableFuture<Connection> opened) {
		if (opened.isDone()) {
			return;
		}
		try {
			Connection connection = this.dataSource.getConnection();
			if (!opened.complete(connection)) {
				close(connection);
			}
		}
		catch (Throwable ex) {
			// whatever a pool throws is the answer to the one who waits
			opened.completeExceptionally(ex);
		}
	}

	/** Nobody waits any more: what has arrived or still arrives is closed. */
	@SuppressWarnings("FutureReturnValueIgnored") // a failure concerns nobody either
	static void abandon(CompletableFuture<Connection> opened) {
		if (!opened.cancel(false)) {
			opened.thenAccept(ConnectionOpener::close);
		}
	}

	static void close(Connection connection) {
		try {
			connection.close();
		}
		catch (SQLException ex) {
			logger.debug("Closing a connection failed", ex);
		}
	}

	/**
	 * Closes the connection and soon stops waiting for that: the driver of H2 waits for a
	 * last answer for as long as it takes.
	 */
	static void closeInTime(Connection connection) {
		Thread closer = EngineThreads.daemon(THREAD, () -> close(connection));
		closer.start();
		try {
			closer.join(CLOSE_MILLIS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.thread.shutdown();
	}

}
