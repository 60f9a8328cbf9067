package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.crossprocesslock.lease.LeaseStore.Kept;

/**
 * MySQL, and most of MariaDB, through the drivers of both. What is known of a session is
 * asked in SQL, since the drivers remember some of it, and put back as it was.
 */
class MySqlStatements extends RowStatements {

	/** Not of the session's zone. Fixed when the statement begins. */
	private static final String CLOCK = "timestampdiff(microsecond, '1970-01-01 00:00:00', utc_timestamp(6))";

	/** Whether somebody has set the clock of the session, which stands still then. */
	private static final String CLOCK_SET = "abs(timestampdiff(second, now(6), sysdate(6))) > 1";

	/**
	 * The server alone: releases are as durable as all else, so that a session that ends
	 * is no reason for doubt, and nothing but a fail-over loses them.
	 */
	private static final String SESSION = "concat(@@server_id, '@', @@hostname, ':', @@port)";

	/**
	 * The one statement that changes rows and passes over locked ones: an update waits
	 * for a row before it looks at it. The select locks, and each row that it finds is a
	 * duplicate. So nothing is sent in two steps, the second of which could come late
	 * from a process that was paused.
	 */
	private static final String CHANGE = """
			insert into {lock} (lock_key, token)
			select s.lock_key, s.token from {lock} s {primary} where {condition} for update skip locked
			on duplicate key update {change}""";

	/**
	 * How many rows the server counts for an insert that has changed the one there is.
	 */
	private static final int COUNT_OF_DUPLICATE = 2;

	/** MariaDB knows no {@code for share}. */
	private static final String LOCK_ROW = """
			(select lock_key, lease_id, token from {lock} where lock_key = ? lock in share mode)""";

	/** The shortest wait for a row, 1 s, is too long for somebody else's transaction. */
	private static final String BEING_INSERTED = """
			select lock_key from {lock} {primary} where lock_key {keys} for update nowait""";

	/** Waits for nothing but a lock of the whole table, and fails then. */
	private static final String TABLE_IS_OPEN = "update {lock} set token = token where false";

	private static final String KEPT_ROW = "select " + KEPT + " from {lease} w where w.lease_id = ?";

	/** Sees to several primaries, which do not know of each other's shared locks. */
	private static final String CLUSTER = """
			show variables where variable_name in ('wsrep_on', 'group_replication_single_primary_mode')""";

	private static final String CLUSTERED = "wsrep_on=ON";

	private static final String SEVERAL_PRIMARIES = "group_replication_single_primary_mode=OFF";

	private static final Pattern ENGINE = Pattern.compile("ENGINE=(\\w+)");

	private static final String ROW_LOCKS = "InnoDB";

	/** Of what the script creates. */
	private static final Pattern COLLATION = Pattern.compile("collate (\\w+)");

	/** What statements compare. */
	private static final Set<String> COMPARED = Set.of("lock_key", "lease_id", "previous_lease_id", "holder");

	/**
	 * Modes change what statements mean and what the server tells of tables. A value that
	 * is too long must fail, not be cut. How the driver writes parameters depends on one
	 * that it may have asked for when it connected.
	 */
	private static final String SQL_MODE = """
			if(find_in_set('NO_BACKSLASH_ESCAPES', @@session.sql_mode), 'NO_BACKSLASH_ESCAPES,STRICT_TRANS_TABLES',
			'STRICT_TRANS_TABLES')""";

	/** Of a row, or of the whole table. */
	private static final int LOCK_WAIT = 1205;

	// duplicate, lock wait, nowait
	private static final Set<Integer> TAKEN = Set.of(1062, LOCK_WAIT, 3572);

	private final List<Setting> settings;

	private final int answerMillis;

	MySqlStatements(TableNames tables, Limits limits, Dialect dialect) {
		super(tables, CLOCK, SESSION, limits, dialect);
		this.answerMillis = (int) limits.answer().toMillis();
		long wait = Math.max(1, limits.lockWait().toSeconds());
		boolean maria = dialect == Dialect.MARIADB;
		List<Setting> all = new ArrayList<>(
				List.of(new Setting(maria ? "tx_isolation" : "transaction_isolation", "'READ-COMMITTED'"),
						new Setting(maria ? "tx_read_only" : "transaction_read_only", "0"),
						// of which the drivers may know nothing
						new Setting("autocommit", "1"), new Setting("innodb_lock_wait_timeout", Long.toString(wait)),
						new Setting("lock_wait_timeout", Long.toString(wait)), new Setting("sql_mode", SQL_MODE),
						// what a client of people may have set
						new Setting("sql_select_limit", "18446744073709551615"), new Setting("sql_safe_updates", "0"),
						maria ? new Setting("max_statement_time", seconds(limits.statement().toMillis()))
								: new Setting("max_execution_time", Long.toString(limits.statement().toMillis()))));
		if (maria) {
			// a long list of keys would become a table to join with, past the primary key
			all.add(new Setting("in_predicate_conversion_threshold", "0"));
		}
		this.settings = List.copyOf(all);
	}

	static LeaseStatements of(TableNames tables, Limits limits) {
		return new MySqlStatements(tables, limits, Dialect.MYSQL);
	}

	private static String seconds(long millis) {
		return String.format(Locale.ROOT, "%d.%03d", TimeUnit.MILLISECONDS.toSeconds(millis),
				millis % TimeUnit.SECONDS.toMillis(1));
	}

	@Override
	Undo prepare(Connection connection) throws SQLException {
		int networkTimeout = connection.getNetworkTimeout();
		// first: the drivers ask the database whatever they do not know
		connection.setNetworkTimeout(Runnable::run, this.answerMillis);
		boolean readOnly = connection.isReadOnly();
		boolean autoCommit = connection.getAutoCommit();
		if (readOnly) {
			// the driver would refuse to send what writes
			connection.setReadOnly(false);
		}
		List<Setting> before = current(connection);
		connection.setAutoCommit(true);
		set(connection, this.settings);
		return () -> {
			connection.setAutoCommit(autoCommit);
			set(connection, before);
			if (readOnly) {
				connection.setReadOnly(true);
			}
			connection.setNetworkTimeout(Runnable::run, networkTimeout);
		};
	}

	private List<Setting> current(Connection connection) throws SQLException {
		String names = String.join(", ",
				this.settings.stream().map((setting) -> "@@session." + setting.name()).toList());
		return query(connection, "select " + names + ", " + CLOCK_SET, (row) -> {
			if (row.getBoolean(this.settings.size() + 1)) {
				throw new SQLException("the session has a clock of its own, see 'set timestamp'");
			}
			List<Setting> values = new ArrayList<>();
			for (Setting setting : this.settings) {
				values.add(setting.valued(row.getString(values.size() + 1)));
			}
			return values;
		}).get(0);
	}

	private static void set(Connection connection, List<Setting> settings) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("set " + String.join(", ",
					settings.stream()
						.map((setting) -> "session " + setting.name() + " = " + setting.value())
						.toList()));
		}
	}

	@Override
	String version(Connection connection) throws SQLException {
		String version = query(connection, "select concat(version(), ', ', @@version_comment)",
				(row) -> row.getString(1))
			.get(0);
		List<String> cluster = query(connection, CLUSTER,
				(row) -> row.getString(1).toLowerCase(Locale.ROOT) + "=" + row.getString(2));
		String several = cluster.contains(CLUSTERED) ? " as a Galera cluster"
				: cluster.contains(SEVERAL_PRIMARIES) ? " as a group with several primaries" : "";
		boolean maria = Dialect.MARIADB.isFor(Dialect.MYSQL.product(), version);
		return (maria ? Dialect.MARIADB : Dialect.MYSQL).product() + " " + version + several;
	}

	@Override
	TableNames find(Connection connection) throws SQLException {
		String database = query(connection, "select database()", (row) -> row.getString(1)).get(0);
		return tables().at(quoted(database, tables().lease()), quoted(database, tables().lock()));
	}

	private static String quoted(String database, String table) {
		int dot = table.indexOf('.');
		String place = (dot >= 0) ? table.substring(0, dot) : database;
		String name = quoted(table.substring(dot + 1));
		return (place != null) ? quoted(place) + "." + name : name;
	}

	private static String quoted(String name) {
		return '`' + name.replace("`", "``") + '`';
	}

	@Override
	String user(Connection connection) throws SQLException {
		String user = query(connection, "select current_user()", (row) -> row.getString(1)).get(0);
		int at = user.lastIndexOf('@');
		return "'" + user.substring(0, at) + "'@'" + user.substring(at + 1) + "'";
	}

	@Override
	boolean isUnique(Connection connection, TableKey key) throws SQLException {
		Map<String, List<String>> unique = new HashMap<>();
		String ofTable = key.table() + " where non_unique = 0 and sub_part is null";
		return shown(connection, "show index from " + ofTable,
				(row) -> unique.computeIfAbsent(row.getString("Key_name"), (name) -> new ArrayList<>())
					.add(row.getString("Column_name")))
			.isEmpty() || List.of(key.column()).equals(unique.get("PRIMARY"));
	}

	/**
	 * Other engines lock no rows, or undo nothing; other collations take keys for one.
	 */
	@Override
	List<String> wrongTables(Connection connection, TableNames tables) throws SQLException {
		List<String> wrong = new ArrayList<>();
		for (String table : List.of(tables.leaseName(), tables.lockName())) {
			Optional<String> engine = engine(connection, table).filter((found) -> !ROW_LOCKS.equals(found));
			engine.ifPresent((found) -> wrong.add("alter table " + table + " engine = " + ROW_LOCKS + " /* instead of "
					+ found + ", which locks no rows */"));
			Optional<String> collation = looseCollation(connection, table);
			collation
				.ifPresent((found) -> wrong.add("alter table " + table + " convert to character set utf8mb4 collate "
						+ ownCollation() + " /* instead of " + found + ", which takes different keys for one */"));
		}
		return wrong;
	}

	private Optional<String> engine(Connection connection, String table) throws SQLException {
		return shown(connection, "show create table " + table, (row) -> row.getString(2)).map((created) -> {
			Matcher matcher = ENGINE.matcher(created.get(0));
			return matcher.find() ? matcher.group(1) : "none";
		});
	}

	/** One that does not tell apart what differs in case or in blanks at the end. */
	private Optional<String> looseCollation(Connection connection, String table) throws SQLException {
		Set<String> collations = new TreeSet<>();
		shown(connection, "show full columns from " + table, (row) -> COMPARED.contains(row.getString("Field"))
				&& row.getString("Collation") != null && collations.add(row.getString("Collation")));
		collations.remove(ownCollation());
		for (String collation : collations) {
			String text = "convert('a' using " + collation.split("_", 2)[0] + ") collate " + collation;
			if (query(connection, "select " + text + " in ('A', 'a ')", (row) -> row.getBoolean(1)).get(0)) {
				return Optional.of(collation);
			}
		}
		return Optional.empty();
	}

	private String ownCollation() {
		Matcher matcher = COLLATION.matcher(dialect().ddl("lease", "lock"));
		if (!matcher.find()) {
			throw new IllegalStateException("The script has no collation");
		}
		return matcher.group(1);
	}

	/** Empty if there is no such table, or nothing of it is shown to the user. */
	private <T> Optional<List<T>> shown(Connection connection, String sql, Row<T> row) throws SQLException {
		try {
			return Optional.of(query(connection, sql, row));
		}
		catch (SQLException ex) {
			if (isMissing(ex) || meaning(ex) == ErrorMeaning.NO_RIGHT) {
				return Optional.empty();
			}
			throw ex;
		}
	}

	/** A reap in between leaves no row, which is what is answered then. */
	@Override
	Optional<Kept> write(Connection connection, String statement, Object... parameters) throws SQLException {
		if (update(connection, statement, parameters) == 0) {
			return Optional.empty();
		}
		return query(connection, format(KEPT_ROW), LeaseStatements::kept, parameters[0]).stream().findFirst();
	}

	@Override
	String written(String statement, String columns) {
		throw new UnsupportedOperationException("answers with nothing that was written");
	}

	@Override
	int change(Connection connection, int rows, String condition, List<?> conditionParameters, String change,
			List<?> changeParameters) throws SQLException {
		return update(connection, about(CHANGE, 0).replace("{condition}", condition).replace("{change}", change),
				Stream.concat(conditionParameters.stream(), changeParameters.stream()).toArray()) / COUNT_OF_DUPLICATE;
	}

	@Override
	void requireNobodyInserts(Connection connection, List<String> keys) throws SQLException {
		query(connection, about(BEING_INSERTED, keys.size()), (row) -> row.getString(1), listed(keys));
	}

	@Override
	void requireOpenTable(Connection connection, SQLException taken) throws SQLException {
		if (taken.getErrorCode() == LOCK_WAIT) {
			int unused = update(connection, format(TABLE_IS_OPEN));
		}
	}

	@Override
	final boolean isTaken(SQLException failure) {
		return TAKEN.contains(failure.getErrorCode());
	}

	@Override
	String fresh(List<String> keep) {
		return keep.stream()
			.map((each) -> "select ? as lock_key, " + each + " as keep")
			.collect(Collectors.joining(" union all ", "(", ") n"));
	}

	@Override
	String nothing() {
		return "null";
	}

	@Override
	String byPrimaryKey() {
		return "force index (primary)";
	}

	@Override
	String limit() {
		return "limit ?";
	}

	/** One by one: a list may be scanned for, which would lock all rows and gaps. */
	@Override
	String lockRowsSql(int keys) {
		return String.join("\nunion all ", Collections.nCopies(keys, format(LOCK_ROW)));
	}

	/** A reader of Aurora says so by the engine only. */
	@Override
	String replica() {
		return "if(@@global.innodb_read_only, 'ON', @@global.read_only)";
	}

	/** A replica: what it shows of the locks is old, and it writes nothing. */
	@Override
	boolean isReadOnly(Connection connection) throws SQLException {
		return query(connection, "select " + replica(), (row) -> isReplica(row.getString(1))).get(0);
	}

	/** A variable of the session. */
	private record Setting(String name, String value) {

		Setting valued(String present) {
			boolean number = !present.isEmpty() && present.chars().allMatch((c) -> c == '.' || (c >= '0' && c <= '9'));
			return new Setting(this.name, number ? present : "'" + present + "'");
		}

	}

}
