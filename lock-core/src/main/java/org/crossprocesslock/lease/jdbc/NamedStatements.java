package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.WeakHashMap;

import org.jspecify.annotations.Nullable;
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

	private static final SafeLog logger = new SafeLog(NamedStatements.class);

	private final Map<PGConnection, Boolean> shared = Collections.synchronizedMap(new WeakHashMap<>());

	/** Prepares a statement on a connection of the store. */
	PreparedStatement prepare(Connection connection, String sql) throws SQLException {
		PGConnection driver = shown(connection, PGConnection.class);
		boolean mayBeNamed = driver != null && !isShared(connection, driver);
		return mayBeNamed ? connection.prepareStatement(sql) : prepareUnnamed(connection, sql);
	}

	/**
	 * The same for one that gets no name, on any connection and in any transaction,
	 * unless somebody hides the driver's statement.
	 */
	static PreparedStatement prepareUnnamed(Connection connection, String sql) throws SQLException {
		PreparedStatement statement = connection.prepareStatement(sql);
		PGStatement driver = shown(statement, PGStatement.class);
		if (driver != null) {
			driver.setPrepareThreshold(0);
		}
		return statement;
	}

	/**
	 * What the driver has behind something. A proxy around it may hide that, promise what
	 * it does not keep, or lack the methods: the store needs none of it.
	 */
	static <T> @Nullable T shown(Wrapper wrapper, Class<T> type) {
		try {
			return wrapper.isWrapperFor(type) ? wrapper.unwrap(type) : null;
		}
		catch (Throwable ex) {
			logger.debug("The driver cannot be seen", ex);
			return null;
		}
	}

	private boolean isShared(Connection connection, PGConnection driver) throws SQLException {
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
