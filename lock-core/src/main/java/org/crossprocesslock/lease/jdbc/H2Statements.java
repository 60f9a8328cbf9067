package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * H2. A remote session has no limit on the client's side: its driver does not support
 * one.
 */
final class H2Statements extends RowStatements {

	/**
	 * The start of the transaction, which here is that of the statement or of the few of
	 * one acquisition. Not {@code datediff}: that counts in local time.
	 */
	private static final String CLOCK = "cast(extract(epoch from current_timestamp) * 1000000 as bigint)";

	/**
	 * Releases are as durable as all else, and there is no fail-over. Not empty, which
	 * some modes read as null.
	 */
	private static final String SESSION = "'h2'";

	private static final String PICK = "select s.lock_key from {lock} s where {condition} for update skip locked";

	private static final String LOCK_ROWS = """
			select lock_key, lease_id, token from {lock} where lock_key {keys} order by lock_key for update""";

	private static final String CHANGE = "update {lock} s set {change} where s.lock_key {keys}";

	/**
	 * In upper case, which is right whether or not names are folded, and to which case;
	 * the names of the columns are those of a version.
	 */
	private static final String QUERY_TIMEOUT = """
			SELECT CAST(V AS INTEGER) FROM INFORMATION_SCHEMA.SETTINGS AS S (N, V) WHERE N = 'QUERY_TIMEOUT'""";

	private static final String LOCK_TIMEOUT = "select lock_timeout()";

	/** A lease row that is being renewed or reaped, or a key that is being created. */
	private static final int LOCK_WAIT_DIVISOR = 5;

	private static final String DUPLICATE_KEY = "23505";

	private static final String LOCK_TIMED_OUT = "HYT00";

	private final long statementMillis;

	private final long lockWaitMillis;

	H2Statements(TableNames tables, Limits limits) {
		super(tables, CLOCK, SESSION, limits, Dialect.H2);
		this.statementMillis = limits.statement().toMillis();
		this.lockWaitMillis = limits.lockWait().dividedBy(LOCK_WAIT_DIVISOR).toMillis();
	}

	/** Has no statement that does both. */
	@Override
	int change(Connection connection, String condition, List<?> conditionParameters, String change,
			List<?> changeParameters) throws SQLException {
		return inTransaction(connection, () -> {
			List<String> keys = query(connection, format(PICK).replace("{condition}", condition),
					(row) -> row.getString(1), conditionParameters.toArray());
			return keys.isEmpty() ? 0 : update(connection, about(CHANGE, keys.size()).replace("{change}", change),
					Stream.concat(changeParameters.stream(), Stream.of(listed(keys))).toArray());
		});
	}

	private static <T> T inTransaction(Connection connection, Work<T> work) throws SQLException {
		connection.setAutoCommit(false);
		try {
			T result = work.run();
			connection.commit();
			connection.setAutoCommit(true);
			return result;
		}
		catch (SQLException ex) {
			rollBack(connection, ex);
			throw ex;
		}
	}

	private static void rollBack(Connection connection, SQLException failure) {
		try {
			connection.rollback();
			connection.setAutoCommit(true);
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
		}
	}

	@Override
	boolean isTaken(SQLException failure) {
		return DUPLICATE_KEY.equals(failure.getSQLState()) || LOCK_TIMED_OUT.equals(failure.getSQLState());
	}

	/** Not a union: the time that H2 takes for one grows with the square of its parts. */
	@Override
	String fresh(List<String> keep) {
		return keep.stream()
			.map((each) -> "(cast(? as varchar), " + each + ")")
			.collect(Collectors.joining(", ", "(values ", ") n (lock_key, keep)"));
	}

	@Override
	String nothing() {
		return "cast(null as bigint)";
	}

	@Override
	String byPrimaryKey() {
		return "";
	}

	@Override
	String lockRowsSql(int keys) {
		return about(LOCK_ROWS, keys);
	}

	@Override
	String replica() {
		return "'0'";
	}

	@Override
	String among(int keys) {
		return "= any(?)";
	}

	@Override
	Object[] listed(List<String> keys) {
		return new Object[] { keys.toArray() };
	}

	@Override
	Undo prepare(Connection connection) throws SQLException {
		boolean autoCommit = connection.getAutoCommit();
		int isolation = connection.getTransactionIsolation();
		connection.setAutoCommit(true);
		long lockTimeout = number(connection, LOCK_TIMEOUT);
		long queryTimeout = number(connection, QUERY_TIMEOUT);
		connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
		limit(connection, this.lockWaitMillis, this.statementMillis);
		return () -> {
			limit(connection, lockTimeout, queryTimeout);
			connection.setTransactionIsolation(isolation);
			connection.setAutoCommit(autoCommit);
		};
	}

	private void limit(Connection connection, long lockTimeout, long queryTimeout) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("set lock_timeout " + lockTimeout);
			statement.execute("set query_timeout " + queryTimeout);
		}
	}

	private long number(Connection connection, String sql) throws SQLException {
		return query(connection, sql, (row) -> row.getLong(1)).get(0);
	}

	@Override
	String version(Connection connection) throws SQLException {
		DatabaseMetaData metaData = connection.getMetaData();
		return metaData.getDatabaseProductName() + " " + metaData.getDatabaseProductVersion();
	}

	@Override
	DatabaseReach reach(Connection connection) throws SQLException {
		return H2Reach.of(connection);
	}

	@Override
	TableNames find(Connection connection) throws SQLException {
		return tables().at(find(connection, tables().lease()), find(connection, tables().lock()));
	}

	private String find(Connection connection, String table) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("select * from " + table + " where 1 = 0");
				ResultSet rows = statement.executeQuery()) {
			ResultSetMetaData found = rows.getMetaData();
			return quoted(found.getSchemaName(1)) + "." + quoted(found.getTableName(1));
		}
		catch (SQLException ex) {
			if (!isMissing(ex) && meaning(ex) != ErrorMeaning.NO_RIGHT) {
				throw ex;
			}
			return (table.indexOf('.') < 0) ? quoted(connection.getSchema()) + "." + quoted(folded(connection, table))
					: table;
		}
	}

	/**
	 * Of somebody who lacks a right: who has no name, which some modes do not tell, has
	 * all.
	 */
	@Override
	String user(Connection connection) throws SQLException {
		return quoted(query(connection, "select current_user", (row) -> row.getString(1)).get(0));
	}

	@Override
	boolean isUnique(Connection connection, TableKey key) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement("select " + key.column() + " from " + key.table() + " where 1 = 0");
				ResultSet rows = statement.executeQuery()) {
			ResultSetMetaData found = rows.getMetaData();
			return isUnique(connection, found.getSchemaName(1), found.getTableName(1), found.getColumnName(1));
		}
		catch (SQLException ex) {
			if (isMissing(ex) || meaning(ex) == ErrorMeaning.NO_RIGHT) {
				return true;
			}
			throw ex;
		}
	}

	private static boolean isUnique(Connection connection, String schema, String table, String column)
			throws SQLException {
		Map<String, List<String>> unique = new HashMap<>();
		try (ResultSet index = connection.getMetaData().getIndexInfo(null, schema, table, true, true)) {
			while (index.next()) {
				unique.computeIfAbsent(index.getString("INDEX_NAME"), (name) -> new ArrayList<>())
					.add(index.getString("COLUMN_NAME"));
			}
		}
		return unique.containsValue(List.of(column));
	}

	/** As the database folds names without quotes. */
	private static String folded(Connection connection, String name) throws SQLException {
		DatabaseMetaData metaData = connection.getMetaData();
		if (metaData.storesUpperCaseIdentifiers()) {
			return name.toUpperCase(Locale.ROOT);
		}
		return metaData.storesLowerCaseIdentifiers() ? name.toLowerCase(Locale.ROOT) : name;
	}

	private static String quoted(String name) {
		return '"' + name.replace("\"", "\"\"") + '"';
	}

	@Override
	String written(String statement, String columns) {
		return "select " + columns + " from final table (" + statement + ") w";
	}

}
