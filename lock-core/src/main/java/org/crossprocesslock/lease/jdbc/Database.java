package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.jdbc.LeaseStatements.Undo;
import org.jspecify.annotations.Nullable;

/**
 * What is found out about a database once, so that no statement depends on what a
 * connection takes for its default schema later on.
 *
 * @param dialect which statements it understands
 * @param tables where the tables are, or would be created
 * @param reach who else can use it
 */
record Database(Dialect dialect, Tables tables, DatabaseReach reach) {

	/**
	 * Asks the database, on a connection as the application has it.
	 * @param name the dialect to use, {@code null} to go by what the database is
	 * @throws UnsupportedDatabaseException if there are no statements for it
	 * @throws LockStoreException if the database cannot be asked
	 */
	static Database of(DataSource dataSource, Tables tables, @Nullable String name, Limits limits) {
		try (Call call = new Call(limits);
				Openings openings = new Openings(dataSource);
				Connection connection = openings.open(call, limits.sending())) {
			return of(connection, tables, name, limits);
		}
		catch (SQLException ex) {
			throw StoreErrors.unreachable(ex);
		}
	}

	private static Database of(Connection connection, Tables tables, @Nullable String name, Limits limits)
			throws SQLException {
		Dialect dialect = Dialect.of(connection, name);
		LeaseStatements statements = dialect.statements(tables, limits);
		Undo undo = statements.prepare(connection);
		try {
			String version = statements.version(connection);
			LookAlikes.refuse(version);
			if (name == null && !dialect.isConfirmedBy(version)) {
				throw new UnsupportedDatabaseException(version, Dialect.supported());
			}
			return new Database(dialect, statements.find(connection), statements.reach(connection));
		}
		finally {
			undo.undo();
		}
	}

	LeaseStatements statements(Limits limits) {
		return this.dialect.statements(this.tables, limits);
	}

}
