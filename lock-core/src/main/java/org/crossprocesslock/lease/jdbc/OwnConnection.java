package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one connection open, outside every pool. Where the database refuses one although
 * it lets the pool in, or where it leads to another database, calls borrow from then on.
 */
final class OwnConnection implements ConnectionSource {

	private static final Logger logger = LoggerFactory.getLogger(OwnConnection.class);

	/** A connection that was idle for longer is asked for a sign of life before use. */
	private static final Duration TRUSTED = Duration.ofSeconds(5);

	private static final int SIGN_OF_LIFE_SECONDS = 1;

	private final ConnectionOpener opener;

	private final ConnectionSource fallback;

	private final LeaseStatements statements;

	private final AtomicBoolean refusalSaid;

	private @Nullable CompletableFuture<Connection> opening;

	private @Nullable Connection current;

	private long lastUsed;

	/** Whether one has reached the tables. */
	private boolean proven;

	private boolean refused;

	/**
	 * Opens nothing yet.
	 * @param refusalSaid shared by the connections of a store, so that it is said once
	 */
	OwnConnection(DataSource unpooled, ConnectionSource fallback, LeaseStatements statements,
			AtomicBoolean refusalSaid) {
		this.opener = new ConnectionOpener(unpooled);
		this.fallback = fallback;
		this.statements = statements;
		this.refusalSaid = refusalSaid;
	}

	@Override
	public Connection take(Call call) throws SQLException {
		if (this.refused || isFirstLate()) {
			return this.fallback.take(call);
		}
		Connection connection = this.current;
		if (connection != null && !isAlive(connection)) {
			forget(connection);
			connection = null;
		}
		return (connection != null) ? connection : openOrBorrow(call);
	}

	/** The first one did not come in the time of a call: perhaps none ever will. */
	private boolean isFirstLate() {
		return !this.proven && this.opening != null && !this.opening.isDone();
	}

	private Connection openOrBorrow(Call call) throws SQLException {
		try {
			return open(call);
		}
		catch (SQLTimeoutException ex) {
			throw ex;
		}
		catch (SQLException ex) {
			return borrow(call, ex);
		}
	}

	private Connection borrow(Call call, SQLException refusal) throws SQLException {
		Connection borrowed;
		try {
			borrowed = this.fallback.take(call);
		}
		catch (SQLException ex) {
			refusal.addSuppressed(ex);
			throw refusal;
		}
		try {
			// the database may just have come back between the two
			Connection own = open(call);
			this.fallback.giveBack(borrowed, true);
			return own;
		}
		catch (SQLTimeoutException ex) {
			this.fallback.giveBack(borrowed, true);
			throw ex;
		}
		catch (SQLException ex) {
			if (this.statements.isMissing(ex)) {
				requireTables(borrowed, call);
			}
			this.refused = true;
			if (this.refusalSaid.compareAndSet(false, true)) {
				logger.warn("A connection outside the pool was refused or does not reach the same tables, so "
						+ "cross-process locks borrow one of the pool for every statement: a pool that is used up can "
						+ "now cost the lease", ex);
			}
			return borrowed;
		}
	}

	/** Tables that nobody finds say nothing about a connection. */
	private void requireTables(Connection borrowed, Call call) throws SQLException {
		try {
			call.requireTime();
			this.statements.probe(borrowed);
		}
		catch (SQLException ex) {
			this.fallback.giveBack(borrowed, this.statements.isMissing(ex));
			throw ex;
		}
	}

	private Connection open(Call call) throws SQLException {
		CompletableFuture<Connection> opening = this.opening;
		if (opening == null) {
			opening = this.opener.open();
			// kept when the time is over: the next call takes what arrives late
			this.opening = opening;
		}
		Connection connection;
		try {
			connection = call.await(opening);
		}
		catch (SQLException ex) {
			if (opening.isCompletedExceptionally()) {
				this.opening = null;
			}
			throw ex;
		}
		this.opening = null;
		try {
			this.statements.prepare(connection);
			if (!this.proven) {
				call.requireTime();
				this.statements.probe(connection);
				this.proven = true;
			}
		}
		catch (SQLException ex) {
			ConnectionOpener.close(connection);
			throw ex;
		}
		this.current = connection;
		return connection;
	}

	private boolean isAlive(Connection connection) throws SQLException {
		return TimeSource.SYSTEM.nanos() - this.lastUsed < TRUSTED.toNanos()
				|| connection.isValid(SIGN_OF_LIFE_SECONDS);
	}

	@Override
	public void giveBack(Connection connection, boolean usable) {
		if (connection != this.current) {
			this.fallback.giveBack(connection, usable);
		}
		else if (usable) {
			this.lastUsed = TimeSource.SYSTEM.nanos();
		}
		else {
			forget(connection);
		}
	}

	private void forget(Connection connection) {
		this.current = null;
		ConnectionOpener.closeInTime(connection);
	}

	@Override
	public void close() {
		if (this.opening != null) {
			ConnectionOpener.abandon(this.opening);
		}
		this.opener.close();
		this.fallback.close();
		Connection connection = this.current;
		if (connection != null) {
			forget(connection);
		}
	}

}
