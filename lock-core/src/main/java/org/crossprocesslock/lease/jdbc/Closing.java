package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends connections without ever waiting long for it. */
final class Closing {

	private static final Logger logger = LoggerFactory.getLogger(Closing.class);

	private static final Duration LIMIT = Duration.ofSeconds(1);

	private Closing() {
	}

	/** Waits for as long as the driver takes. */
	static void close(Connection connection) {
		try {
			connection.close();
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("Closing a connection failed", ex);
		}
	}

	/**
	 * Breaks it, so that whoever waits for an answer on it fails. Drivers may ignore
	 * that.
	 */
	static void abort(Connection connection) {
		try {
			connection.abort(Runnable::run);
		}
		catch (SQLException | RuntimeException ex) {
			logger.debug("Aborting a connection failed", ex);
		}
	}

	/** Breaks it before closing it, so that no pool gives it to anybody. */
	static void discard(Connection connection) {
		inTime(List.of(() -> {
			abort(connection);
			close(connection);
		}));
	}

	/**
	 * Closes it and soon stops waiting for that: the driver of H2 waits for a last answer
	 * for as long as it takes, any other for a network that takes no more bytes.
	 */
	static void closeInTime(Collection<Connection> connections) {
		inTime(connections.stream().<Runnable>map((connection) -> () -> close(connection)).toList());
	}

	/** Breaks it on a thread of its own, for which nobody waits. */
	static void abortAside(Connection connection) {
		start(() -> abort(connection));
	}

	private static void inTime(List<Runnable> ends) {
		long until = TimeSource.SYSTEM.nanos() + LIMIT.toNanos();
		for (Thread thread : ends.stream().map(Closing::start).toList()) {
			try {
				thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - TimeSource.SYSTEM.nanos())));
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				return;
			}
		}
	}

	private static Thread start(Runnable end) {
		Thread thread = EngineThreads.daemon("cross-process-lock-close", end);
		try {
			thread.start();
		}
		catch (OutOfMemoryError ex) {
			// no thread left in this process: the server finds out by itself
			logger.debug("No thread to close a connection on", ex);
		}
		return thread;
	}

}
