package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;

import org.postgresql.PGConnection;
import org.postgresql.PGStatement;

/**
 * Statements that the driver of PostgreSQL has the server keep under a name, from their
 * fifth execution on. Names belong to a session, and each connection begins with the same
 * ones; so behind a proxy that shares sessions a name may be missing or taken, or be that
 * of another statement, which the server then runs instead. They are used only where the
 * session is the one that the connection was opened with, which is asked once on each.
 */
final class NamedStatements {

	private final Map<PGConnection, Boolean> shared = Collections.synchronizedMap(new WeakHashMap<>());

	/** Prepares a statement on a connection of the store. */
	PreparedStatement prepare(Connection connection, String sql) throws SQLException {
		boolean mayBeNamed = !connection.isWrapperFor(PGConnection.class) || !isShared(connection);
		return mayBeNamed ? connection.prepareStatement(sql) : prepareUnnamed(connection, sql);
	}

	/**
	 * The same for one that surely gets no name, on any connection and in any
	 * transaction.
	 */
	static PreparedStatement prepareUnnamed(Connection connection, String sql) throws SQLException {
		PreparedStatement statement = connection.prepareStatement(sql);
		if (statement.isWrapperFor(PGStatement.class)) {
			statement.unwrap(PGStatement.class).setPrepareThreshold(0);
		}
		return statement;
	}

	private boolean isShared(Connection connection) throws SQLException {
		PGConnection driver = connection.unwrap(PGConnection.class);
		Boolean known = this.shared.get(driver);
		if (known == null) {
			known = processId(connection) != driver.getBackendPID();
			this.shared.put(driver, known);
		}
		return known;
	}

	/**
	 * Of the session. A proxy that shares sessions cannot tell it to whoever connects: it
	 * has chosen none by then.
	 */
	private static int processId(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet row = Objects.requireNonNull(statement.executeQuery("select pg_backend_pid()"))) {
			row.next();
			return row.getInt(1);
		}
	}

}
