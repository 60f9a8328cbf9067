package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.Looked;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.Notice;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a product that cannot answer with the rows that it changes. Rows are
 * read first and changed only as they were read: whoever takes a row raises its token, so
 * a row with the token that was seen is as free as it was. Nothing waits for a row: the
 * product passes over those that somebody has locked, see {@link #change}.
 */
abstract class RowStatements extends LeaseStatements {

	/**
	 * With the leases, in the same snapshot, so that one that is missing is gone; and on
	 * the same server, of which each row says what it is.
	 */
	private static final String ROWS = """
			select s.lock_key, s.lease_id, s.token, {kept-micros}, s.previous_lease_id, {clock}, {replica},
			o.holder, o.expires_at - {clock}, o.duration, o.renewals
			from {lock} s left join {lease} o on o.lease_id = s.lease_id where s.lock_key {keys}""";

	private static final String GIVEN = "s.lock_key {keys} and (s.lock_key, s.lease_id, s.token) in ({triples})";

	private static final String GIVE = "lease_id = null";

	private static final String GIVE_UNUSED = "lease_id = null, kept_until = null, kept_for = null";

	private static final String UNUSED = """
			token < {clock} - ? and ({kept}) is not true
			and (lease_id is null or not exists (select 1 from {lease} s where s.lease_id = {lock}.lease_id))""";

	/** Without locks: a scan that takes some would make free keys look busy. */
	private static final String FIND_UNUSED = "select lock_key from {lock} where " + UNUSED + " {limit}";

	/** Which of them nobody has locked at the moment. */
	private static final String UNLOCKED = """
			select lock_key from {lock} {primary} where lock_key {keys} for update skip locked""";

	private static final String DELETE_UNUSED = "delete from {lock} where lock_key = ? and " + UNUSED;

	private static final String EXPIRED = """
			select s.lease_id from {lease} s where s.expires_at <= {clock} and (s.expires_at <= {clock} - ?
			or not exists (select 1 from {lock} l where l.lease_id = s.lease_id)) {limit}""";

	/** Vendor code of what a read-only MySQL or MariaDB refuses. */
	private static final int READ_ONLY = 1290;

	private final Limits limits;

	RowStatements(TableNames tables, String clock, String session, Limits limits, Dialect dialect) {
		super(tables, clock, session, dialect);
		this.limits = limits;
	}

	final Limits limits() {
		return this.limits;
	}

	/**
	 * Changes the rows of the lock table, named {@code s}, that meet a condition and that
	 * nobody has locked, in one transaction.
	 * @param rows how many there are at most
	 * @return how many
	 */
	abstract int change(Connection connection, int rows, String condition, List<?> conditionParameters, String change,
			List<?> changeParameters) throws SQLException;

	/**
	 * Whether an insert failed because somebody else has inserted the key, or is at it.
	 */
	abstract boolean isTaken(SQLException failure);

	/**
	 * Fails as {@link #isTaken} says if somebody has inserted one of the keys but not
	 * committed, where an insert would wait for that for long.
	 */
	void requireNobodyInserts(Connection connection, List<String> keys) throws SQLException {
	}

	/**
	 * Fails if somebody has locked the whole table, where {@link #isTaken} cannot tell
	 * that from a row.
	 * @param taken what it was told
	 */
	void requireOpenTable(Connection connection, SQLException taken) throws SQLException {
	}

	/**
	 * A table {@code n} of keys, each a parameter, and of how long each is kept.
	 * @param keep an expression for each
	 */
	abstract String fresh(List<String> keep);

	/** Null as a number, where nothing else says so. */
	abstract String nothing();

	/** What has a statement go by primary key, whatever is known of the table. */
	abstract String byPrimaryKey();

	/** {@code 0} unless the database may be a replica. */
	abstract String replica();

	/** The user of the connection as a grant names it. */
	abstract String user(Connection connection) throws SQLException;

	/** Whatever follows a column that is one of {@link #listed} texts. */
	String among(int count) {
		return "in (" + places("?", count) + ")";
	}

	@Override
	Object[] listed(List<String> keys) {
		return keys.toArray();
	}

	static String places(String place, int count) {
		return String.join(", ", Collections.nCopies(count, place));
	}

	final String about(String sql, int count) {
		return format(sql.replace("{keys}", among(count)).replace("{primary}", byPrimaryKey()));
	}

	@Override
	List<AcquireResult> acquire(Connection connection, String leaseId, long notAfter, List<AcquireOrder> orders)
			throws SQLException {
		return new RowAcquire(this, connection, leaseId, notAfter).run(orders);
	}

	@Override
	Set<String> release(Connection connection, List<ReleaseOrder> orders, List<Notice> notices) throws SQLException {
		Set<String> locked = new HashSet<>();
		locked.addAll(release(connection, orders.stream().filter(ReleaseOrder::unused).toList(), GIVE_UNUSED));
		locked.addAll(release(connection, orders.stream().filter((order) -> !order.unused()).toList(), GIVE));
		return locked;
	}

	private List<String> release(Connection connection, List<ReleaseOrder> orders, String give) throws SQLException {
		if (orders.isEmpty()) {
			return List.of();
		}
		String given = about(GIVEN, orders.size()).replace("{triples}", places("(?, ?, ?)", orders.size()));
		List<Object> parameters = new ArrayList<>(List.of(listed(orders.stream().map(ReleaseOrder::key).toList())));
		orders.forEach((order) -> parameters.addAll(List.of(order.key(), order.leaseId(), order.token())));
		if (change(connection, orders.size(), given, parameters, give, List.of()) == orders.size()) {
			return List.of();
		}
		return query(connection, format("select s.lock_key from {lock} s where ") + given, (row) -> row.getString(1),
				parameters.toArray());
	}

	@Override
	Looked look(Connection connection, List<String> keys) throws SQLException {
		Map<String, Seen> rows = rows(connection, keys);
		if (rows.isEmpty()) {
			// nor a clock, which has to be read before the rows
			long clock = now(connection);
			return new Looked(clock, looks(connection, keys));
		}
		return new Looked(rows.values().iterator().next().clock(), lookedAt(keys, rows));
	}

	final List<KeyLook> looks(Connection connection, List<String> keys) throws SQLException {
		return keys.isEmpty() ? List.of() : lookedAt(keys, rows(connection, keys));
	}

	private static List<KeyLook> lookedAt(List<String> keys, Map<String, Seen> rows) {
		return found(keys,
				rows.values().stream().map(Seen::look).collect(Collectors.toMap(KeyLook::key, Function.identity())));
	}

	final Map<String, Seen> rows(Connection connection, List<String> keys) throws SQLException {
		Map<String, Seen> rows = new HashMap<>();
		query(connection, about(ROWS, keys.size()).replace("{replica}", replica()), (row) -> {
			requirePrimary(row.getString(7));
			KeyLook look = new KeyLook(row.getString(1), row.getString(2), row.getLong(3), lease(row, 8), kept(row, 4));
			return rows.put(look.key(), new Seen(look, row.getString(5), row.getLong(6)));
		}, listed(keys));
		return rows;
	}

	static boolean isReplica(String replica) {
		return !replica.equals("0") && !replica.equals("OFF");
	}

	/** What a replica does not show may well be there. */
	private static void requirePrimary(String replica) throws SQLException {
		if (isReplica(replica)) {
			throw new SQLException("the database is read-only: it may be a replica, which lags behind", "HY000",
					READ_ONLY);
		}
	}

	/**
	 * By one key each: a delete of several may scan the table and wait for others. And
	 * each on its own, so that a process that is stopped keeps none of them locked.
	 */
	@Override
	int purgeLocks(Connection connection, long ageMicros) throws SQLException {
		long started = TimeSource.SYSTEM.nanos();
		List<String> unused = query(connection, format(FIND_UNUSED), (row) -> row.getString(1), ageMicros, PURGE_ROWS);
		if (unused.isEmpty()) {
			return 0;
		}
		List<String> unlocked = query(connection, about(UNLOCKED, unused.size()), (row) -> row.getString(1),
				listed(unused));
		for (String key : unlocked) {
			if (isTimeOver(started)) {
				return PURGE_ROWS;
			}
			deleteUnused(connection, key, ageMicros);
		}
		return unlocked.isEmpty() ? 0 : unused.size();
	}

	private void deleteUnused(Connection connection, String key, long ageMicros) throws SQLException {
		try {
			update(connection, format(DELETE_UNUSED), key, ageMicros);
		}
		catch (SQLException ex) {
			// somebody has locked it since, and uses it
			if (!isTaken(ex)) {
				throw ex;
			}
		}
	}

	/** The conditional delete of a reap, one transaction each. */
	@Override
	int purgeLeases(Connection connection, long ageMicros) throws SQLException {
		long started = TimeSource.SYSTEM.nanos();
		List<String> leases = query(connection, format(EXPIRED), (row) -> row.getString(1), ageMicros, PURGE_ROWS);
		for (String leaseId : leases) {
			if (isTimeOver(started)) {
				return PURGE_ROWS;
			}
			reap(connection, leaseId);
		}
		return leases.size();
	}

	@Override
	final Survey survey(Connection connection) throws SQLException {
		TableNames found = find(connection);
		LeaseStatements there = dialect().statements(found, this.limits);
		List<String> grants = there.missingGrants(connection);
		boolean exists = grants.isEmpty() && there.isThere(connection);
		return new Survey(found, new JdbcLeaseSchema.Condition(grants, exists, there.missingKeys(connection, found)));
	}

	/** The tables with their schema; those that are missing, where they would be. */
	abstract TableNames find(Connection connection) throws SQLException;

	@Override
	List<String> missingGrants(Connection connection) throws SQLException {
		return RightsTrial.missingGrants(this, connection);
	}

	@Override
	final List<String> missingKeys(Connection connection, TableNames tables) throws SQLException {
		List<String> missing = new ArrayList<>();
		for (TableKey key : List.of(new TableKey(tables.leaseName(), "lease_id"),
				new TableKey(tables.lockName(), "lock_key"))) {
			if (!isUnique(connection, key)) {
				missing.add(addKey(key));
			}
		}
		missing.addAll(wrongTables(connection, tables));
		return missing;
	}

	/** Whether no two rows can have the same key, or there is no such table. */
	abstract boolean isUnique(Connection connection, TableKey key) throws SQLException;

	/**
	 * What gives the tables an engine that locks rows and a collation that tells keys
	 * apart, where they may have others.
	 */
	List<String> wrongTables(Connection connection, TableNames tables) throws SQLException {
		return List.of();
	}

	@Override
	int update(Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			bind(statement, parameters);
			return statement.executeUpdate();
		}
	}

	@Override
	<T> List<T> query(Connection connection, String sql, Row<T> row, @Nullable Object... parameters)
			throws SQLException {
		List<T> rows = new ArrayList<>();
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			bind(statement, parameters);
			try (ResultSet results = statement.executeQuery()) {
				while (results.next()) {
					rows.add(row.read(results));
				}
			}
		}
		return rows;
	}

	/** What is one statement elsewhere has the time of one statement. */
	final void requireTime(long startedNanos) throws SQLTimeoutException {
		if (isTimeOver(startedNanos)) {
			throw new SQLTimeoutException(
					"not done with all rows within " + this.limits.statement().toMillis() + " ms");
		}
	}

	final boolean isTimeOver(long startedNanos) {
		return TimeSource.SYSTEM.nanos() - startedNanos > this.limits.statement().toNanos();
	}

	/** A lock row as it was read, and the clock then. */
	record Seen(KeyLook look, @Nullable String previousLeaseId, long clock) {

		String key() {
			return this.look.key();
		}

		@Nullable String leaseId() {
			return this.look.leaseId();
		}

		long token() {
			return this.look.token();
		}

		/** The one fault of a row that is there, found before anything is taken. */
		void requireNextToken() throws SQLDataException {
			if (token() > Long.MAX_VALUE - LeaseStore.TOKENS_PER_GRANT) {
				throw new SQLDataException("no token follows " + token() + " of key '" + key() + "'",
						RowAcquire.OUT_OF_RANGE);
			}
		}

		/** Whether the order may take it. Never that of the own lease. */
		boolean isFree(String leaseId, AcquireOrder order) {
			String holder = leaseId();
			return this.look.kept() == null
					&& (holder == null || (holder.equals(order.deadLeaseId()) && !holder.equals(leaseId)));
		}

	}

	/** Several statements. */
	interface Work<T> {

		T run() throws SQLException;

	}

}
