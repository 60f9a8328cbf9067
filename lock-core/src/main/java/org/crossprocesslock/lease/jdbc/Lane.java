package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Supplier;

import org.crossprocesslock.LockStoreException;

/**
 * A way to the database on which one call happens at a time: a connection for each call,
 * limits, retries, and errors in the words of the store.
 */
final class Lane implements AutoCloseable {

	/** How often a statement is tried that made way for another transaction. */
	private static final int ATTEMPTS = 6;

	private final ConnectionSource connections;

	private final LeaseStatements statements;

	private final StoreErrors errors;

	private final Limits limits;

	Lane(ConnectionSource connections, LeaseStatements statements, Limits limits) {
		this.connections = connections;
		this.statements = statements;
		this.errors = new StoreErrors(statements);
		this.limits = limits;
	}

	/**
	 * Runs the work on a connection.
	 * @param attempt what is attempted, for the message of a failure
	 * @param tables the table or tables it is about, for the same
	 * @throws LockStoreException if it fails
	 */
	<T> T call(Supplier<String> attempt, String tables, Work<T> work) {
		try (Call call = new Call(this.limits)) {
			Connection connection = this.connections.take(call);
			boolean usable = false;
			try {
				T result = work.run(new Session(connection, call));
				usable = true;
				return result;
			}
			catch (SQLException ex) {
				usable = this.errors.leavesConnectionUsable(ex);
				throw ex;
			}
			finally {
				this.connections.giveBack(connection, usable);
			}
		}
		catch (SQLException ex) {
			throw this.errors.of(attempt.get(), tables, ex);
		}
	}

	@Override
	public void close() {
		this.connections.close();
	}

	/** One or several statements. */
	interface Work<T> {

		T run(Session session) throws SQLException;

	}

	/** One transaction. */
	interface Transaction<T> {

		T run(Connection connection) throws SQLException;

	}

	/** A connection for the length of a call. */
	final class Session {

		private final Connection connection;

		private final Call call;

		private Session(Connection connection, Call call) {
			this.connection = connection;
			this.call = call;
		}

		/**
		 * Runs the transaction, and again if it made way for another one.
		 * @throws SQLException if it fails, or there is no time left to begin it
		 */
		<T> T run(Transaction<T> transaction) throws SQLException {
			for (int attempt = 1;; attempt++) {
				this.call.requireTime();
				try {
					return transaction.run(this.connection);
				}
				catch (SQLException ex) {
					if (attempt == ATTEMPTS || !Lane.this.statements.isSerializationFailure(ex)) {
						throw ex;
					}
					this.call.pause(attempt);
				}
			}
		}

		boolean hasTime() {
			return this.call.hasTime();
		}

		SQLException outOfTime() {
			return this.call.outOfTime();
		}

	}

}
