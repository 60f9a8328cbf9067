package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds out what the user of a connection may do to the tables, by statements that do
 * nothing: catalogs say who was granted what, not what comes of it.
 */
final class RightsTrial {

	/** All that has no default, since MySQL looks whether it is there. */
	private static final String LEASE_ROW = "(lease_id, holder, expires_at, duration, renewals) select '', '', 0, 1, 0";

	private static final String LOCK_ROW = "(lock_key, token) select '', 1";

	/** Each needs one right and finds no row. Both tables have the column. */
	private static final List<Trial> TRIALS = List.of(new Trial("select", "select lease_id from {table} where 1 = 0"),
			new Trial("insert", "insert into {table} {row} from (select 1 as one) o where 1 = 0"),
			new Trial("update", "update {table} set lease_id = lease_id where 1 = 0"),
			new Trial("delete", "delete from {table} where 1 = 0"));

	private RightsTrial() {
	}

	static List<String> missingGrants(RowStatements statements, Connection connection) throws SQLException {
		TableNames tables = statements.tables();
		List<String> grants = new ArrayList<>();
		grants.addAll(missingGrants(statements, connection, tables.leaseName(), LEASE_ROW));
		grants.addAll(missingGrants(statements, connection, tables.lockName(), LOCK_ROW));
		return grants;
	}

	private static List<String> missingGrants(RowStatements statements, Connection connection, String table, String row)
			throws SQLException {
		List<String> rights = new ArrayList<>();
		for (Trial trial : TRIALS) {
			if (isRefused(statements, connection, trial.sql().replace("{table}", table).replace("{row}", row))) {
				rights.add(trial.right());
			}
		}
		return rights.isEmpty() ? List.of()
				: List.of("grant " + String.join(", ", rights) + " on " + table + " to " + statements.user(connection));
	}

	private static boolean isRefused(RowStatements statements, Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
			return false;
		}
		catch (SQLException ex) {
			ErrorMeaning meaning = statements.meaning(ex);
			if (meaning != ErrorMeaning.NO_RIGHT && meaning != ErrorMeaning.MISSING) {
				throw ex;
			}
			return meaning == ErrorMeaning.NO_RIGHT;
		}
	}

	/** A statement that needs a right. */
	private record Trial(String right, String sql) {

	}

}
