package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;

import org.crossprocesslock.LockStoreException;

/** What an {@link SQLException} means for the caller of the store. */
final class StoreErrors {

	/**
	 * Data, constraints, "with check option": the fault of a row, not of the database.
	 */
	private static final Set<String> ROW_CLASSES = Set.of("22", "23", "44");

	/**
	 * Feature not supported, authorization, catalog or schema name, syntax and access
	 * rights.
	 */
	private static final Set<String> PERMANENT_CLASSES = Set.of("0A", "28", "3D", "3F", "42");

	private final LeaseStatements statements;

	StoreErrors(LeaseStatements statements) {
		this.statements = statements;
	}

	/** The database could not even be asked what it is. */
	static LockStoreException unreachable(SQLException ex) {
		return new LockStoreException("Could not connect to the database of cross-process locks: " + ex.getMessage(),
				ex, PERMANENT_CLASSES.contains(sqlStateClass(ex)));
	}

	/** Whether it is the fault of a row, so that other rows may well be processed. */
	boolean isOfARow(SQLException ex) {
		return ROW_CLASSES.contains(sqlStateClass(ex));
	}

	/** Whether the connection can serve again. */
	boolean leavesConnectionUsable(SQLException ex) {
		return isOfARow(ex) || this.statements.isSerializationFailure(ex);
	}

	LockStoreException of(String attempt, String tables, SQLException ex) {
		boolean missing = this.statements.isMissing(ex);
		boolean permanent = missing || isOfARow(ex) || this.statements.isPermanent(ex)
				|| PERMANENT_CLASSES.contains(sqlStateClass(ex));
		String reason = missing ? "table " + missingTable(tables, ex) + " is missing or lacks a column; create it with "
				+ "the script that ships with the library, or set cross-process-lock.jdbc.initialize-schema: "
				+ ex.getMessage() : ex.getMessage();
		return new LockStoreException("Could not " + attempt + " in " + tables + ": " + reason, ex, permanent);
	}

	private String missingTable(String tables, SQLException ex) {
		String said = String.valueOf(ex.getMessage()).toLowerCase(Locale.ROOT);
		Tables names = this.statements.tables();
		if (said.contains(unqualified(names.lock()))) {
			return names.lock();
		}
		return said.contains(unqualified(names.lease())) ? names.lease() : tables;
	}

	private static String unqualified(String table) {
		return table.substring(table.indexOf('.') + 1).toLowerCase(Locale.ROOT);
	}

	private static String sqlStateClass(SQLException ex) {
		String state = ex.getSQLState();
		return (state != null && state.length() >= 2) ? state.substring(0, 2) : "";
	}

}
