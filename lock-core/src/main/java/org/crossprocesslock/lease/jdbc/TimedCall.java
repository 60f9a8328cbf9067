package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import org.crossprocesslock.engine.TimeSource;

/**
 * The time that one call of the store has for sending statements. Holds back interrupts
 * until it is closed: an interrupt that reached a driver could end a statement halfway,
 * and closes the file of an embedded H2 database.
 */
final class TimedCall implements AutoCloseable {

	private static final Duration MAX_PAUSE = Duration.ofMillis(5);

	private final long started = TimeSource.SYSTEM.nanos();

	private final long sendingNanos;

	private boolean interrupted = Thread.interrupted();

	private Consumer<Connection> user = (connection) -> {
	};

	TimedCall(Limits limits) {
		this.sendingNanos = limits.sending().toNanos();
	}

	boolean hasTime() {
		return remainingNanos() > 0;
	}

	void requireTime() throws SQLTimeoutException {
		if (!hasTime()) {
			throw outOfTime();
		}
	}

	SQLTimeoutException outOfTime() {
		return new SQLTimeoutException(
				"no answer from the database within " + Duration.ofNanos(this.sendingNanos).toMillis() + " ms");
	}

	/** Is to be told which connection the call is at work on, whenever it is another. */
	void usedBy(Consumer<Connection> user) {
		this.user = user;
	}

	void uses(Connection connection) {
		this.user.accept(connection);
	}

	/** Waits for the connection for that long, and for as long as there is time. */
	<T> T await(CompletableFuture<T> future, Duration atMost) throws SQLException {
		long until = TimeSource.SYSTEM.nanos() + Math.min(atMost.toNanos(), remainingNanos());
		while (true) {
			try {
				return future.get(until - TimeSource.SYSTEM.nanos(), TimeUnit.NANOSECONDS);
			}
			catch (InterruptedException ex) {
				this.interrupted = true;
			}
			catch (TimeoutException ex) {
				throw outOfTime();
			}
			catch (ExecutionException ex) {
				if (ex.getCause() instanceof SQLException cause) {
					throw cause;
				}
				// a pool may fail with an exception of its own
				throw new SQLException("no connection: " + ex.getCause(), Openings.NO_CONNECTION, ex.getCause());
			}
		}
	}

	/** Takes the lock, if it can be had while there is time. */
	void enter(ReentrantLock lock) throws SQLTimeoutException {
		while (true) {
			try {
				if (!lock.tryLock(remainingNanos(), TimeUnit.NANOSECONDS)) {
					throw outOfTime();
				}
				return;
			}
			catch (InterruptedException ex) {
				this.interrupted = true;
			}
		}
	}

	/**
	 * A short random pause, so that two that got in each other's way do not meet again.
	 */
	void pause(int attempt) {
		LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(MAX_PAUSE.toNanos() * attempt));
		this.interrupted |= Thread.interrupted();
	}

	@Override
	public void close() {
		if (this.interrupted) {
			Thread.currentThread().interrupt();
		}
	}

	private long remainingNanos() {
		return this.sendingNanos - (TimeSource.SYSTEM.nanos() - this.started);
	}

}
