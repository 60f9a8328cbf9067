package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Holder;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Kept;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;
import org.crossprocesslock.lease.LeaseStore.Looked;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.Notice;
import org.jspecify.annotations.Nullable;

/**
 * The statements of one product, on connections that {@link #prepare} has set up. Each
 * method is one transaction that is over when it returns or throws, unless it says
 * otherwise. Those that are the same everywhere but for the clock are here.
 */
abstract class LeaseStatements {

	/** Rows that one purge removes from a table at most. */
	static final int PURGE_ROWS = 2000;

	private static final String OPEN = """
			insert into {lease} (lease_id, holder, expires_at, duration, renewals)
			values (?, ?, {clock} + ?, ?, 0)""";

	private static final String RENEW = """
			update {lease} set expires_at = {clock} + duration, renewals = renewals + 1
			where lease_id = ? and renewals < {last}""";

	/** The counter of a lease that is renewed no more: there is none after it. */
	static final String LAST_RENEWAL = "9223372036854775807";

	/**
	 * Whether a row of the lock table is kept. Never for more than twice as long as was
	 * asked for: then the clock was set back.
	 */
	private static final String IS_KEPT = """
			kept_until is not null and kept_until - {clock} between 1 and 2 * kept_for""";

	/** For how long it is. */
	static final String KEPT_MICROS = "case when {kept} then kept_until - {clock} end";

	private static final String NOW = "select {clock}";

	/**
	 * Counts the others: not all products see the row they have just written. What is
	 * left of the dead waits for nothing.
	 */
	static final String KEPT = """
			w.expires_at - w.duration, {session}, (select count(*) + 1 from {lease} o
			where o.lease_id <> w.lease_id and o.expires_at > {clock})""";

	private static final String END = "delete from {lease} where lease_id = ?";

	private static final String HELD_BY = "select lease_id, holder from {lease} where holder = ?";

	// a delete that has waited for a renewal checks the row as that left it
	private static final String REAP = "delete from {lease} where lease_id = ? and expires_at <= {clock}";

	private static final String REAP_UNCHANGED = "delete from {lease} where lease_id = ? and renewals = ?";

	/** Of the table of leases, its key first. */
	static final String LEASE_COLUMNS = "lease_id, holder, expires_at, duration, renewals";

	/** Of the table of locks, its key first. */
	static final String LOCK_COLUMNS = "lock_key, lease_id, token, previous_lease_id, kept_until, kept_for";

	private static final String PROBE_LEASE = "select " + LEASE_COLUMNS + " from {lease} where 1 = 0";

	private static final String PROBE_LOCK = "select " + LOCK_COLUMNS + " from {lock} where 1 = 0";

	private final TableNames tables;

	private final Dialect dialect;

	private final String clock;

	private final String session;

	/**
	 * The statements of a product.
	 * @param tables the names of the tables
	 * @param clock expression for the database's wall clock, in microseconds since the
	 * epoch whatever the time zones, at the moment the statement runs
	 * @param session expression for what {@link Kept#session} is
	 * @param dialect the product
	 */
	LeaseStatements(TableNames tables, String clock, String session, Dialect dialect) {
		this.tables = tables;
		this.dialect = dialect;
		this.clock = clock;
		this.session = session;
	}

	final TableNames tables() {
		return this.tables;
	}

	final Dialect dialect() {
		return this.dialect;
	}

	final String format(String sql) {
		return this.tables.in(sql)
			.replace("{kept-micros}", KEPT_MICROS)
			.replace("{kept}", IS_KEPT)
			.replace("{clock}", this.clock)
			.replace("{session}", this.session)
			.replace("{limit}", limit())
			.replace("{last}", LAST_RENEWAL);
	}

	/** Has a query end after so many rows. */
	String limit() {
		return "fetch first ? rows only";
	}

	final Kept open(Connection connection, String leaseId, String holder, long durationMicros) throws SQLException {
		return write(connection, format(OPEN), leaseId, holder, durationMicros, durationMicros).orElseThrow();
	}

	final Optional<Kept> renew(Connection connection, String leaseId) throws SQLException {
		return write(connection, format(RENEW), leaseId);
	}

	/**
	 * Writes the row of a lease, the first parameter, and answers nothing without one.
	 */
	Optional<Kept> write(Connection connection, String statement, Object... parameters) throws SQLException {
		return query(connection, written(statement, format(KEPT)), LeaseStatements::kept, parameters).stream()
			.findFirst();
	}

	static Kept kept(ResultSet row) throws SQLException {
		return new Kept(row.getLong(1), row.getString(2), row.getInt(3));
	}

	final boolean end(Connection connection, String leaseId) throws SQLException {
		return update(connection, format(END), leaseId) > 0;
	}

	/** Of the very name: a collation may take others for the same. */
	final List<String> heldBy(Connection connection, String holder) throws SQLException {
		return query(connection, format(HELD_BY), (row) -> Map.entry(row.getString(1), row.getString(2)), holder)
			.stream()
			.filter((lease) -> lease.getValue().equals(holder))
			.map(Map.Entry::getKey)
			.toList();
	}

	final boolean reap(Connection connection, String leaseId) throws SQLException {
		return update(connection, format(REAP), leaseId) > 0;
	}

	final boolean reapUnchanged(Connection connection, String leaseId, long counter) throws SQLException {
		return update(connection, format(REAP_UNCHANGED), leaseId, counter) > 0;
	}

	final long now(Connection connection) throws SQLException {
		return query(connection, format(NOW), (row) -> row.getLong(1)).get(0);
	}

	/**
	 * Fails unless both tables have the columns. Two transactions, so that the failure
	 * tells which table it is about: messages of H2 quote the whole statement.
	 */
	final void probe(Connection connection) throws SQLException {
		query(connection, format(PROBE_LEASE), (row) -> row.getString(1));
		query(connection, format(PROBE_LOCK), (row) -> row.getString(1));
	}

	/** Whether both tables have the columns. */
	final boolean isThere(Connection connection) throws SQLException {
		try {
			probe(connection);
			return true;
		}
		catch (SQLException ex) {
			if (isMissing(ex)) {
				return false;
			}
			throw ex;
		}
	}

	/** What the database says that it is. */
	abstract String version(Connection connection) throws SQLException;

	/**
	 * Finds the tables where their names lead on this connection, and how they are.
	 * Nothing is read of tables that the user may not read.
	 */
	abstract Survey survey(Connection connection) throws SQLException;

	/** Who else can use the database. Servers are for everybody. */
	DatabaseReach reach(Connection connection) throws SQLException {
		return DatabaseReach.SERVER;
	}

	/**
	 * What the user of this connection may not do to the tables but must, found out
	 * without writing. Nothing is said about a table that is missing.
	 * @return the statements that grant it, to be run by the owner of the tables
	 */
	abstract List<String> missingGrants(Connection connection) throws SQLException;

	/**
	 * The primary keys that the tables lack: without them two processes could insert the
	 * same key. Any unique index of that column alone will do. And what else keeps keys
	 * apart. Nothing is said about a table that is missing.
	 * @param tables the tables, with their schema
	 * @return the statements that add them, to be run by the owner of the tables
	 */
	abstract List<String> missingKeys(Connection connection, TableNames tables) throws SQLException;

	/** What adds the primary key that a table lacks. */
	static String addKey(TableKey key) {
		return "alter table " + key.table() + " add primary key (" + key.column() + ")";
	}

	/**
	 * Sets a connection up for the statements: autocommit, READ COMMITTED, limits.
	 * @return how to bring it back into the state it was in
	 */
	abstract Undo prepare(Connection connection) throws SQLException;

	/**
	 * A query that runs a statement and answers columns of the rows {@code w} that it has
	 * written.
	 */
	abstract String written(String statement, String columns);

	/** Fails with a data error if any of the rows cannot be processed. */
	abstract List<AcquireResult> acquire(Connection connection, String leaseId, long notAfter,
			List<AcquireOrder> orders) throws SQLException;

	/** Answers the keys whose rows are locked. */
	abstract Set<String> release(Connection connection, List<ReleaseOrder> orders, List<Notice> notices)
			throws SQLException;

	/**
	 * Whether those who wait can be told by the database, see {@link PostgresListener}.
	 */
	boolean notifies() {
		return false;
	}

	/** Shows administrators whose connection it is, where the database can. */
	void name(Connection connection, String label) throws SQLException {
	}

	abstract Looked look(Connection connection, List<String> keys) throws SQLException;

	/** Answers how many were found, at most as many as one purge removes. */
	abstract int purgeLocks(Connection connection, long ageMicros) throws SQLException;

	abstract int purgeLeases(Connection connection, long ageMicros) throws SQLException;

	/** Runs a statement that returns no rows, and answers with the count. */
	abstract int update(Connection connection, String sql, Object... parameters) throws SQLException;

	/** Runs a statement that returns rows. */
	abstract <T> List<T> query(Connection connection, String sql, Row<T> row, Object... parameters) throws SQLException;

	/**
	 * Reads the rows of the keys in key order and locks them against any change until the
	 * transaction of the connection, which is not ours, is over. A key without a row has
	 * none here.
	 */
	final List<LockRow> lockRows(Connection connection, List<String> keys) throws SQLException {
		try (PreparedStatement statement = prepareForeign(connection, lockRowsSql(keys.size()))) {
			bind(statement, listed(keys.stream().sorted().toList()));
			try (ResultSet row = statement.executeQuery()) {
				List<LockRow> rows = new ArrayList<>();
				while (row.next()) {
					rows.add(new LockRow(row.getString(1), row.getString(2), row.getLong(3)));
				}
				return rows;
			}
		}
	}

	/** Keys as the parameters of {@link #lockRowsSql}: here one array. */
	Object[] listed(List<String> keys) {
		return new Object[] { keys.toArray(String[]::new) };
	}

	/**
	 * Whether the database refuses whatever the transaction of the connection, which is
	 * not ours, would write. Here it takes such a wish for a hint.
	 */
	boolean isReadOnly(Connection connection) throws SQLException {
		return false;
	}

	/** On a connection of the application, in its transaction. */
	PreparedStatement prepareForeign(Connection connection, String sql) throws SQLException {
		return connection.prepareStatement(sql);
	}

	/** Key, lease id and token of the rows of so many keys, locked in key order. */
	abstract String lockRowsSql(int keys);

	final ErrorMeaning meaning(Exception ex) {
		return ErrorMeaning.of(ex, this.dialect.errors());
	}

	/**
	 * Whether the database has ended the session, and what it was doing was committed
	 * before that or never will be.
	 */
	boolean isEndOfSession(SQLException ex) {
		return false;
	}

	/** Whether the database gave up for the sake of another transaction. */
	final boolean isSerializationFailure(SQLException ex) {
		return meaning(ex) == ErrorMeaning.MADE_WAY;
	}

	/** Whether a table, a column or the schema of the tables is missing. */
	final boolean isMissing(SQLException ex) {
		return meaning(ex) == ErrorMeaning.MISSING;
	}

	/** Holder, remaining time, duration and counter of a lease, from a column on. */
	static @Nullable LeaseLook lease(ResultSet row, int column) throws SQLException {
		String holder = row.getString(column);
		return (holder != null) ? new LeaseLook(holder, Duration.of(row.getLong(column + 1), ChronoUnit.MICROS),
				Duration.of(row.getLong(column + 2), ChronoUnit.MICROS), row.getLong(column + 3)) : null;
	}

	/** For how long a key is kept, from a column. */
	static @Nullable Duration kept(ResultSet row, int column) throws SQLException {
		long micros = row.getLong(column);
		// the clock may have gone on between the question and the answer
		return row.wasNull() ? null : Duration.of(Math.max(1, micros), ChronoUnit.MICROS);
	}

	/** Rounded up: for that long at least. */
	static long keepMicros(AcquireOrder order) {
		return TimeUnit.NANOSECONDS.toMicros(TimeSource.nanos(order.keep()) + TimeUnit.MICROSECONDS.toNanos(1) - 1);
	}

	/** One look for each key: where nothing was found there is no row. */
	static List<KeyLook> found(List<String> keys, Map<String, KeyLook> found) {
		return keys.stream().map((key) -> found.getOrDefault(key, new KeyLook(key, null, 0, null))).toList();
	}

	static void bind(PreparedStatement statement, @Nullable Object... parameters) throws SQLException {
		for (int i = 0; i < parameters.length; i++) {
			statement.setObject(i + 1, parameters[i]);
		}
	}

	/**
	 * What tells the rows of a table apart.
	 *
	 * @param table the name as statements have it
	 * @param column the column
	 */
	record TableKey(String table, String column) {

	}

	/**
	 * What a start finds.
	 *
	 * @param tables the tables with their schema; those that are missing, where they
	 * would be created
	 * @param condition how they are
	 */
	record Survey(TableNames tables, JdbcLeaseSchema.Condition condition) {

	}

	/** A row of the lock table, as far as a fence looks at it. */
	record LockRow(String key, @Nullable String leaseId, long token) {

	}

	/** Reads one row. */
	interface Row<T> {

		T read(ResultSet row) throws SQLException;

	}

	/** Brings a connection back into the state it was in. */
	interface Undo {

		void undo() throws SQLException;

	}

}
