package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a store: one for the lease, and for keys as many as calls have been
 * under way at a time. The one used last is used first, and those that were not used for
 * a minute are closed, so that an idle process keeps that of the lease only.
 * <p>
 * A call that is past its limit loses its connection: others get a new one, whether it
 * ever comes back or not.
 * </p>
 */
final class StoreConnections implements AutoCloseable {

	private static final SafeLog logger = new SafeLog(StoreConnections.class);

	/** Until a connection is closed that nobody uses. */
	static final Duration IDLE = Duration.ofMinutes(1);

	static final Duration TRUSTED = Duration.ofSeconds(5);

	static final Duration TRUSTED_UNHEARD = Duration.ofMillis(50);

	/** How often a call that has no limit of its own is looked at, in its limit. */
	private static final int LOOKS = 10;

	private static final String CLOSED = "08003";

	private final ConnectionSource source;

	private final LeaseStatements statements;

	private final Limits limits;

	private final StoreErrors errors;

	private final TimeSource time;

	private final Set<StoreConnection> all = ConcurrentHashMap.newKeySet();

	private final Deque<StoreConnection> free = new ConcurrentLinkedDeque<>();

	private final AtomicInteger broken = new AtomicInteger();

	private final CountDownLatch closed = new CountDownLatch(1);

	private final ReentrantLock lock = new ReentrantLock();

	private volatile @Nullable StoreConnection lease;

	private volatile boolean listening;

	private volatile boolean watched;

	StoreConnections(ConnectionSource source, LeaseStatements statements, Limits limits, TimeSource time) {
		this.source = source;
		this.statements = statements;
		this.limits = limits;
		this.errors = new StoreErrors(statements);
		this.time = time;
	}

	/** Those of a pool alone. */
	static StoreConnections borrowing(DataSource pool, LeaseStatements statements, Limits limits) {
		return new StoreConnections(new ConnectionSource(pool, null, statements, limits, TimeSource.SYSTEM), statements,
				limits, TimeSource.SYSTEM);
	}

	/**
	 * Runs work that keeps the lease, on a connection that no other call waits for.
	 * @param attempt what is attempted, for the message of a failure
	 * @param tables the table or tables it is about, for the same
	 * @throws LockStoreException if it fails
	 */
	<T> T forLease(Supplier<String> attempt, String tables, StoreConnection.Work<T> work) {
		return call(attempt, tables, (call) -> freeLease().run(call, work));
	}

	/** The same for work about keys, which may be several calls at a time. */
	<T> T forKeys(Supplier<String> attempt, String tables, StoreConnection.Work<T> work) {
		return call(attempt, tables, (call) -> {
			StoreConnection connection = freeConnection();
			try {
				return connection.run(call, work);
			}
			finally {
				if (connection.isDropped()) {
					close(connection);
				}
				else {
					this.free.addFirst(connection);
				}
			}
		});
	}

	private StoreConnection freeConnection() {
		for (StoreConnection connection = this.free.pollFirst(); connection != null; connection = this.free
			.pollFirst()) {
			if (!connection.isDropped()) {
				return connection;
			}
			close(connection);
		}
		return newConnection();
	}

	/** The same on a connection for this call, from any thread. */
	<T> T aside(Supplier<String> attempt, String tables, StoreConnection.Work<T> work) {
		return call(attempt, tables, (call) -> {
			StoreConnection connection = newConnection();
			try {
				return connection.run(call, work);
			}
			finally {
				close(connection);
			}
		});
	}

	private <T> T call(Supplier<String> attempt, String tables, InCall<T> work) {
		try (TimedCall call = new TimedCall(this.limits)) {
			requireOpen();
			watch();
			return work.run(call);
		}
		catch (SQLException ex) {
			throw this.errors.of(attempt.get(), tables, ex);
		}
		catch (RuntimeException ex) {
			throw this.errors.ofUnchecked(attempt.get(), tables, ex);
		}
		finally {
			if (isClosed()) {
				closeAll();
			}
		}
	}

	/** That of the lease, for what is done between its calls. */
	StoreConnection lease() {
		this.lock.lock();
		try {
			StoreConnection connection = this.lease;
			if (connection == null || connection.isDropped()) {
				connection = newConnection();
				this.lease = connection;
			}
			return connection;
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Calls come one at a time: one that is under way was given up by its caller. */
	private StoreConnection freeLease() {
		StoreConnection connection = lease();
		if (connection.isInCall()) {
			giveUp(connection);
		}
		return lease();
	}

	private StoreConnection newConnection() {
		StoreConnection connection = new StoreConnection(this, this.statements, this.time);
		this.all.add(connection);
		return connection;
	}

	private void requireOpen() throws SQLException {
		if (isClosed()) {
			throw new SQLException("the store is closed", CLOSED);
		}
	}

	private boolean isClosed() {
		return this.closed.getCount() == 0;
	}

	/** From the first call on; where there is no thread for it now, from a later one. */
	private void watch() {
		if (this.watched) {
			return;
		}
		this.lock.lock();
		try {
			if (!this.watched) {
				EngineThreads.daemon("cross-process-lock-watchdog", this::lookAgainAndAgain).start();
				this.watched = true;
			}
		}
		catch (OutOfMemoryError ex) {
			logger.debug("No thread to watch over the calls of the store", ex);
		}
		finally {
			this.lock.unlock();
		}
	}

	private void lookAgainAndAgain() {
		while (true) {
			try {
				if (this.closed.await(this.limits.call().toNanos() / LOOKS, TimeUnit.NANOSECONDS)) {
					return;
				}
				lookAfterAll();
			}
			catch (InterruptedException | RuntimeException | Error ex) {
				// nobody but the close ends this thread
				logger.debug("Watching over the calls of the store failed", ex);
			}
		}
	}

	/** Gives up what is overdue, and closes what is idle. */
	void lookAfterAll() {
		this.all.forEach(this::lookAfter);
	}

	private void lookAfter(StoreConnection connection) {
		if (connection.isOverdue(this.limits.call())) {
			giveUp(connection);
		}
		else if (connection.isIdleFor(IDLE) && this.free.remove(connection)) {
			close(connection);
		}
	}

	/** Nobody waits any more for whoever uses it. */
	void giveUp(StoreConnection connection) {
		connection.drop();
		this.all.remove(connection);
	}

	private void close(StoreConnection connection) {
		close(List.of(connection));
	}

	private void closeAll() {
		close(List.copyOf(this.all));
	}

	private void close(List<StoreConnection> connections) {
		connections.forEach(StoreConnection::drop);
		this.free.removeAll(connections);
		this.all.removeAll(connections);
		Closing.closeInTime(connections.stream().map(StoreConnection::surrender).flatMap(Optional::stream).toList());
	}

	ConnectionSource source() {
		return this.source;
	}

	/**
	 * For how long a connection is trusted that nothing was heard of. Whoever listens on
	 * that of the lease hears at once when the database ends the sessions of the store;
	 * and a renewal that fails is repeated.
	 */
	Duration trust(StoreConnection connection) {
		return (this.listening || connection == this.lease) ? TRUSTED : TRUSTED_UNHEARD;
	}

	/** Whether somebody would hear of it if the sessions of the store were ended. */
	void listening(boolean works) {
		this.listening = works;
	}

	/** How many connections have broken so far. */
	int broken() {
		return this.broken.get();
	}

	void hasBroken() {
		this.broken.incrementAndGet();
	}

	/** Returns soon, also while calls are under way: their connections are broken. */
	@Override
	public void close() {
		this.closed.countDown();
		closeAll();
		this.source.close();
	}

	/** Runs within the time of a call. */
	private interface InCall<T> {

		T run(TimedCall call) throws SQLException;

	}

}
