package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

import javax.sql.DataSource;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.jdbc.LeaseStatements.Undo;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections of a store come from: own ones outside every pool, or the pool's
 * while own ones cannot be had although the pool's work. One decision for the whole
 * store, which is reconsidered for as long as the store lives.
 */
final class ConnectionSource implements AutoCloseable {

	private static final SafeLog logger = new SafeLog(ConnectionSource.class);

	private static final String APPLICATION = "cross-process-lock";

	/** How long the row of a proof counts as a lease, should nobody remove it. */
	private static final long MARK_MICROS = TimeUnit.MINUTES.toMicros(1);

	private final @Nullable Openings own;

	private final Openings pool;

	private final LeaseStatements statements;

	private final Limits limits;

	private final TimeSource time;

	private final ReentrantLock lock = new ReentrantLock();

	private volatile String label = APPLICATION;

	/** Whether an own connection is known to reach the tables that the pool's do. */
	private volatile boolean proven;

	private volatile @Nullable ConnectionRefusal refusal;

	/** Whether the last word was that own ones cannot be used. */
	private final AtomicBoolean told = new AtomicBoolean();

	// guarded by the lock, under which nothing is waited for

	private boolean closed;

	private @Nullable CompletableFuture<Connection> trial;

	private long trialStarted;

	ConnectionSource(DataSource pool, @Nullable DataSource unpooled, LeaseStatements statements, Limits limits,
			TimeSource time) {
		this.own = (unpooled != null) ? new Openings(unpooled) : null;
		this.pool = new Openings(pool);
		this.statements = statements;
		this.limits = limits;
		this.time = time;
	}

	/** Names the holder, for administrators who see its own connections. */
	void label(String holder) {
		this.label = APPLICATION + " " + holder;
	}

	/** Whether own ones are used, empty before the first was opened. */
	Optional<Boolean> areOwn() {
		if (this.own == null || this.refusal != null) {
			return Optional.of(false);
		}
		return this.proven ? Optional.of(true) : Optional.empty();
	}

	/** A connection set up for the statements, within the time of the call. */
	Supplied take(TimedCall call) throws SQLException {
		if (this.own == null) {
			return borrow(call);
		}
		ConnectionRefusal refused = this.refusal;
		if (refused == null) {
			return takeOwn(this.own, call);
		}
		Supplied again = tryAgain(this.own, call, refused);
		return (again != null) ? again : borrowProven(call, refused);
	}

	private Supplied takeOwn(Openings own, TimedCall call) throws SQLException {
		try {
			// the rest of the time is for the pool
			Duration part = this.limits.sending().dividedBy(2);
			return this.proven ? setUp(own.open(call, part), call) : prove(() -> own.open(call, part), call);
		}
		catch (PoolFailure ex) {
			throw ex.failure;
		}
		catch (SQLException ex) {
			ConnectionRefusal refused = new ConnectionRefusal(ex, 1);
			if (refused.isVerdict()) {
				refuse(refused);
			}
			Supplied borrowed;
			try {
				borrowed = borrowProven(call, refused);
			}
			catch (SQLException poolFailure) {
				if (refused.isVerdict()) {
					// about own ones; whether waiting helps depends on the pool
					poolFailure.addSuppressed(ex);
					throw poolFailure;
				}
				ex.addSuppressed(poolFailure);
				throw ex;
			}
			refuse(refused);
			return borrowed;
		}
	}

	/** A connection of the pool, known to work if that is news. */
	private Supplied borrowProven(TimedCall call, ConnectionRefusal refused) throws SQLException {
		Supplied borrowed = borrow(call);
		if (this.told.get()) {
			return borrowed;
		}
		try {
			call.requireTime();
			this.statements.probe(borrowed.connection());
		}
		catch (Throwable ex) {
			Closing.discard(borrowed.connection());
			throw ex;
		}
		if (refused.isWorthTelling()) {
			tell(refused);
		}
		return borrowed;
	}

	private Supplied borrow(TimedCall call) throws SQLException {
		Connection connection = this.pool.open(call, this.limits.sending());
		try {
			call.uses(connection);
			return new Supplied(connection, false, this.statements.prepare(connection));
		}
		catch (Throwable ex) {
			Closing.discard(connection);
			throw ex;
		}
	}

	private Supplied setUp(Connection connection, TimedCall call) throws SQLException {
		try {
			call.uses(connection);
			Undo undo = this.statements.prepare(connection);
			this.statements.name(connection, this.label);
			return new Supplied(connection, true, undo);
		}
		catch (SQLException ex) {
			Closing.closeInTime(List.of(connection));
			throw ex;
		}
		catch (Throwable ex) {
			Closing.closeInTime(List.of(connection));
			throw defect(ex);
		}
	}

	/**
	 * Writes a row through the pool, which the own connection must then find: tables of
	 * the same name may be those of another application.
	 * @throws PoolFailure if nothing was learnt about the own connection
	 */
	private Supplied prove(Opening opening, TimedCall call) throws SQLException, PoolFailure {
		Supplied borrowed;
		String mark = UUID.randomUUID().toString();
		try {
			borrowed = borrow(call);
			try {
				call.requireTime();
				// tables that nobody finds say nothing about own connections
				this.statements.probe(borrowed.connection());
				this.statements.open(borrowed.connection(), mark, APPLICATION, MARK_MICROS);
			}
			catch (Throwable ex) {
				Closing.discard(borrowed.connection());
				throw ex;
			}
		}
		catch (SQLException ex) {
			throw new PoolFailure(ex);
		}
		boolean found = false;
		try {
			Supplied opened = setUp(opening.open(), call);
			try {
				call.requireTime();
				found = find(opened.connection(), mark);
				this.proven = true;
				return opened;
			}
			finally {
				if (!found) {
					Closing.closeInTime(List.of(opened.connection()));
				}
			}
		}
		finally {
			call.uses(borrowed.connection());
			if (!found) {
				remove(borrowed.connection(), mark);
			}
			giveBack(borrowed, true);
		}
	}

	private boolean find(Connection connection, String mark) throws SQLException {
		SQLException missing = null;
		try {
			this.statements.probe(connection);
			if (this.statements.end(connection, mark)) {
				return true;
			}
		}
		catch (SQLException ex) {
			if (!this.statements.isMissing(ex)) {
				throw ex;
			}
			missing = ex;
		}
		catch (Throwable ex) {
			throw defect(ex);
		}
		throw new SQLException("it does not reach the same tables as a connection of the pool",
				ConnectionRefusal.OTHER_TABLES, missing);
	}

	/** A driver that fails in this way is as little use as one that fails in another. */
	private static SQLException defect(Throwable ex) {
		return new SQLException("the driver failed: " + ex, Openings.NO_CONNECTION, ex);
	}

	private void remove(Connection connection, String mark) {
		try {
			this.statements.end(connection, mark);
		}
		catch (Throwable ex) {
			// whatever it is: the connection has to go back
			logger.debug("The row of a proof stays until it is purged", ex);
		}
	}

	/** Nobody waits for an own connection while there are others: it is opened aside. */
	private @Nullable Supplied tryAgain(Openings own, TimedCall call, ConnectionRefusal refused) {
		CompletableFuture<Connection> over = trialThatIsOver(own, refused);
		return (over != null) ? adopt(over, call, refused) : null;
	}

	/** Each is for one call. Begins one if it is time for it. */
	private @Nullable CompletableFuture<Connection> trialThatIsOver(Openings own, ConnectionRefusal refused) {
		this.lock.lock();
		try {
			if (this.closed || this.refusal != refused) {
				return null;
			}
			CompletableFuture<Connection> present = this.trial;
			long now = this.time.nanos();
			if (present == null) {
				if (refused.isOver(now)) {
					this.trial = own.begin();
					this.trialStarted = now;
				}
				return null;
			}
			boolean late = now - this.trialStarted > this.limits.sending().toNanos();
			if (!present.isDone() && !late) {
				return null;
			}
			this.trial = null;
			// should the call that has it hang, there will be another
			refused.pause(now);
			return present;
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable Supplied adopt(CompletableFuture<Connection> trial, TimedCall call, ConnectionRefusal refused) {
		try {
			Connection connection = call.await(trial, Duration.ZERO);
			Supplied opened = prove(() -> connection, call);
			this.refusal = null;
			tellBack();
			return opened;
		}
		catch (PoolFailure ex) {
			Openings.abandon(trial);
			refused.pauseShortly(this.time.nanos());
		}
		catch (SQLException ex) {
			// closes it a second time, if it has come at all
			Openings.abandon(trial);
			if (this.refusal == refused) {
				// and no other trial has come to something meanwhile
				refuse(refused.again(ex));
			}
		}
		catch (Throwable ex) {
			// whatever the pool's driver throws, before the own connection was looked at
			Openings.abandon(trial);
			refused.pauseShortly(this.time.nanos());
			throw ex;
		}
		return null;
	}

	private void refuse(ConnectionRefusal refused) {
		this.lock.lock();
		try {
			this.proven = false;
			refused.pause(this.time.nanos());
			this.refusal = refused;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void tell(ConnectionRefusal refused) {
		if (this.told.compareAndSet(false, true)) {
			logger.warn(
					"Connections outside the pool cannot be used, so cross-process locks borrow one of the "
							+ "pool for every statement until they can: a pool that is used up can now cost the lease. "
							+ "They are tried again at least once a minute; the last one failed: {}",
					refused.failure().toString(), refused.failure());
		}
	}

	private void tellBack() {
		if (this.told.compareAndSet(true, false)) {
			logger.info("Connections outside the pool can be used again; cross-process locks borrow none any more");
		}
	}

	/**
	 * Returns a borrowed connection in the state it came, or throws it away.
	 * @param usable whether it is known that somebody else can use it
	 */
	void giveBack(Supplied borrowed, boolean usable) {
		if (!usable) {
			Closing.discard(borrowed.connection());
			return;
		}
		try {
			borrowed.undo().undo();
			borrowed.connection().close();
		}
		catch (Throwable ex) {
			// whatever the call has to answer is known already
			logger.debug("A borrowed connection could not be returned as it came and is thrown away", ex);
			Closing.discard(borrowed.connection());
		}
	}

	@Override
	public void close() {
		CompletableFuture<Connection> present;
		this.lock.lock();
		try {
			this.closed = true;
			present = this.trial;
		}
		finally {
			this.lock.unlock();
		}
		this.pool.close();
		if (this.own != null) {
			this.own.close();
		}
		if (present != null) {
			Openings.abandon(present);
		}
	}

	/**
	 * A connection in use.
	 *
	 * @param connection set up for the statements
	 * @param own whether it may be kept
	 * @param undo what brings it back into the state it was in
	 */
	record Supplied(Connection connection, boolean own, Undo undo) {

	}

	/** Comes with an own connection. */
	private interface Opening {

		Connection open() throws SQLException;

	}

	/** The pool does not work either. */
	private static final class PoolFailure extends Exception {

		private static final long serialVersionUID = 1L;

		private final SQLException failure;

		PoolFailure(SQLException failure) {
			super(failure);
			this.failure = failure;
		}

	}

}
