package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.crossprocesslock.engine.Callbacks;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;

/** Ends connections without ever waiting long for it. */
final class Closing {

	private static final SafeLog logger = new SafeLog(Closing.class);

	private static final Duration LIMIT = Duration.ofSeconds(1);

	private Closing() {
	}

	/** Waits for as long as the driver takes. */
	static void close(Connection connection) {
		try {
			connection.close();
		}
		catch (Throwable ex) {
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
		catch (Throwable ex) {
			// an old pool may not even have the method
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
		return start(end, Thread::start);
	}

	/** The same on a thread that is started by somebody else. */
	static Thread start(Runnable end, Consumer<Thread> starter) {
		Thread thread = EngineThreads.daemon("cross-process-lock-close", end);
		try {
			starter.accept(thread);
		}
		catch (OutOfMemoryError ex) {
			// no thread left in this process, and a pool would miss the connection for
			// good
			logger.debug("A connection has to wait for a thread to be closed on", ex);
			Callbacks.LOSSES.run(end);
		}
		return thread;
	}

}
