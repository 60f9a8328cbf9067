package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;
import org.crossprocesslock.lease.LeaseStore.Looked;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.LeaseStore.TooLate;
import org.crossprocesslock.lease.Notice;
import org.jspecify.annotations.Nullable;

/**
 * H2. Has no statement that takes a batch at once, so an acquisition is a short
 * transaction of small ones. A remote session has no limit on the client's side: its
 * driver does not support one.
 */
final class H2Statements extends LeaseStatements {

	/**
	 * The start of the transaction, which here is that of the statement or of the few of
	 * one acquisition. Not {@code datediff}: that counts in local time.
	 */
	private static final String CLOCK = "cast(extract(epoch from current_timestamp) * 1000000 as bigint)";

	/** Releases are as durable as all else. Not empty, which some modes read as null. */
	private static final String SESSION = "'h2'";

	private static final String PICK = """
			select previous_lease_id from {lock}
			where lock_key = ? and (lease_id is null or lease_id = ?) and ({kept}) is not true
			for update skip locked""";

	private static final String TAKE = """
			update {lock} set lease_id = ?, previous_lease_id = ?, token = greatest(token + ?, {clock}),
			  kept_until = {clock} + cast(? as bigint), kept_for = cast(? as bigint)
			where lock_key = ?""";

	private static final String CREATE = """
			insert into {lock} (lock_key, lease_id, token, previous_lease_id, kept_until, kept_for)
			values (?, ?, {clock}, ?, {clock} + cast(? as bigint), cast(? as bigint))""";

	private static final String GIVEN = """
			select lock_key from {lock} where lock_key = ? and lease_id = ? and token = ?""";

	private static final String GIVE = "update {lock} set lease_id = null where lock_key = ?";

	private static final String GIVE_UNUSED = """
			update {lock} set lease_id = null, kept_until = null, kept_for = null where lock_key = ?""";

	private static final String LOCKS = """
			select lock_key, lease_id, token, {kept-micros} from {lock} where lock_key = any(?)""";

	private static final String LEASES = """
			select lease_id, holder, expires_at - {clock}, duration, renewals from {lease}
			where lease_id = any(?)""";

	private static final String UNUSED = """
			select l.lock_key from {lock} l where l.token < {clock} - ? and ({kept}) is not true
			and (l.lease_id is null or not exists (select 1 from {lease} s where s.lease_id = l.lease_id))
			fetch first ? rows only for update skip locked""";

	private static final String DELETE_LOCK = "delete from {lock} where lock_key = ?";

	private static final String EXPIRED = """
			select s.lease_id from {lease} s where s.expires_at <= {clock} and (s.expires_at <= {clock} - ?
			or not exists (select 1 from {lock} l where l.lease_id = s.lease_id))
			fetch first ? rows only""";

	private static final String LOCK_ROWS = """
			select lock_key, lease_id, token from {lock} where lock_key = any(?) order by lock_key for update""";

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

	/** Each needs one right and finds no row. Both tables have the column. */
	private static final List<Trial> TRIALS = List.of(new Trial("select", "select lease_id from {table} where 1 = 0"),
			new Trial("insert", "insert into {table} (lease_id) select '' where 1 = 0"),
			new Trial("update", "update {table} set lease_id = lease_id where 1 = 0"),
			new Trial("delete", "delete from {table} where 1 = 0"));

	private final long statementMillis;

	private final long lockWaitMillis;

	private final String pick;

	private final String take;

	private final String create;

	private final String given;

	private final String pickGiven;

	private final String give;

	private final String giveUnused;

	private final String locks;

	private final String leases;

	private final String unused;

	private final String deleteLock;

	private final String expired;

	private final String lockRows;

	H2Statements(TableNames tables, Limits limits) {
		super(tables, CLOCK, SESSION, Dialect.H2);
		this.statementMillis = limits.statement().toMillis();
		this.lockWaitMillis = limits.lockWait().dividedBy(LOCK_WAIT_DIVISOR).toMillis();
		this.pick = format(PICK);
		this.take = format(written(TAKE, "w.token"));
		this.create = format(written(CREATE, "w.token"));
		this.given = format(GIVEN);
		this.pickGiven = this.given + " for update skip locked";
		this.give = format(GIVE);
		this.giveUnused = format(GIVE_UNUSED);
		this.locks = format(LOCKS);
		this.leases = format(LEASES);
		this.unused = format(UNUSED);
		this.deleteLock = format(DELETE_LOCK);
		this.expired = format(EXPIRED);
		this.lockRows = format(LOCK_ROWS);
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

	@Override
	List<String> missingGrants(Connection connection) throws SQLException {
		List<String> grants = new ArrayList<>();
		for (String table : List.of(tables().leaseName(), tables().lockName())) {
			List<String> rights = new ArrayList<>();
			for (Trial trial : TRIALS) {
				if (isRefused(connection, trial.sql().replace("{table}", table))) {
					rights.add(trial.right());
				}
			}
			if (!rights.isEmpty()) {
				grants.add("grant " + String.join(", ", rights) + " on " + table + " to " + user(connection));
			}
		}
		return grants;
	}

	/**
	 * Of somebody who lacks a right: who has no name, which some modes do not tell, has
	 * all.
	 */
	private String user(Connection connection) throws SQLException {
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

	private boolean isRefused(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
			return false;
		}
		catch (SQLException ex) {
			ErrorMeaning meaning = meaning(ex);
			if (meaning != ErrorMeaning.NO_RIGHT && meaning != ErrorMeaning.MISSING) {
				throw ex;
			}
			return meaning == ErrorMeaning.NO_RIGHT;
		}
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

	@Override
	List<AcquireResult> acquire(Connection connection, String leaseId, long notAfter, List<AcquireOrder> orders)
			throws SQLException {
		return inTransaction(connection, () -> {
			long started = TimeSource.SYSTEM.nanos();
			if (now(connection) > notAfter) {
				return orders.stream().<AcquireResult>map((order) -> new TooLate(order.key())).toList();
			}
			List<AcquireResult> results = new ArrayList<>();
			List<String> busy = new ArrayList<>();
			for (AcquireOrder order : orders) {
				requireTime(started);
				acquire(connection, leaseId, order).ifPresentOrElse(results::add, () -> busy.add(order.key()));
			}
			looks(connection, busy).forEach((seen) -> results.add(new Busy(seen)));
			return results;
		});
	}

	private Optional<Granted> acquire(Connection connection, String leaseId, AcquireOrder order) throws SQLException {
		String key = order.key();
		Long keep = order.keep().isZero() ? null : keepMicros(order);
		String dead = leaseId.equals(order.deadLeaseId()) ? null : order.deadLeaseId();
		List<Granted> picked = query(connection, this.pick, (row) -> new Granted(key, 0, row.getString(1)), key, dead);
		if (!picked.isEmpty()) {
			long token = query(connection, this.take, (row) -> row.getLong(1), leaseId, leaseId,
					LeaseStore.TOKENS_PER_GRANT, keep, keep, key)
				.get(0);
			return Optional.of(new Granted(key, token, picked.get(0).previousLeaseId()));
		}
		// not picked: held, locked, or absent
		return locks(connection, List.of(key)).isEmpty() ? create(connection, leaseId, key, keep) : Optional.empty();
	}

	private Optional<Granted> create(Connection connection, String leaseId, String key, @Nullable Long keep)
			throws SQLException {
		try {
			long token = query(connection, this.create, (row) -> row.getLong(1), key, leaseId, leaseId, keep, keep)
				.get(0);
			return Optional.of(new Granted(key, token, null));
		}
		catch (SQLException ex) {
			// somebody else has inserted the key, or has it inserted but not committed
			if (DUPLICATE_KEY.equals(ex.getSQLState()) || LOCK_TIMED_OUT.equals(ex.getSQLState())) {
				return Optional.empty();
			}
			throw ex;
		}
	}

	/** One transaction per row; a row that fails does not stop the others. */
	@Override
	Set<String> release(Connection connection, List<ReleaseOrder> orders, List<Notice> notices) throws SQLException {
		long started = TimeSource.SYSTEM.nanos();
		Set<String> locked = new HashSet<>();
		SQLException failure = null;
		for (ReleaseOrder order : orders) {
			requireTime(started);
			try {
				if (!release(connection, order)) {
					locked.add(order.key());
				}
			}
			catch (SQLException ex) {
				if (failure == null) {
					failure = ex;
				}
				else {
					failure.addSuppressed(ex);
				}
			}
		}
		if (failure != null) {
			throw failure;
		}
		return locked;
	}

	/** Answers whether the row is not, or no longer, that of the order. */
	private boolean release(Connection connection, ReleaseOrder order) throws SQLException {
		Object[] given = { order.key(), order.leaseId(), order.token() };
		return inTransaction(connection, () -> {
			if (query(connection, this.pickGiven, (row) -> row.getString(1), given).isEmpty()) {
				return query(connection, this.given, (row) -> row.getString(1), given).isEmpty();
			}
			update(connection, order.unused() ? this.giveUnused : this.give, order.key());
			return true;
		});
	}

	@Override
	Looked look(Connection connection, List<String> keys) throws SQLException {
		long clock = now(connection);
		return new Looked(clock, looks(connection, keys));
	}

	/** Lock rows first: a lease that is missing afterwards is gone. Two statements. */
	private List<KeyLook> looks(Connection connection, List<String> keys) throws SQLException {
		if (keys.isEmpty()) {
			return List.of();
		}
		List<KeyLook> rows = locks(connection, keys);
		Map<String, LeaseLook> alive = new HashMap<>();
		query(connection, this.leases, (row) -> alive.put(row.getString(1), lease(row, 2)),
				(Object) rows.stream().map(KeyLook::leaseId).filter(Objects::nonNull).toArray());
		Map<String, KeyLook> found = new HashMap<>();
		rows.forEach((row) -> found.put(row.key(),
				new KeyLook(row.key(), row.leaseId(), row.token(), alive.get(row.leaseId()), row.kept())));
		return found(keys, found);
	}

	private List<KeyLook> locks(Connection connection, List<String> keys) throws SQLException {
		return query(connection, this.locks,
				(row) -> new KeyLook(row.getString(1), row.getString(2), row.getLong(3), null, kept(row, 4)),
				(Object) keys.toArray());
	}

	@Override
	int purgeLocks(Connection connection, long ageMicros) throws SQLException {
		return inTransaction(connection, () -> {
			List<String> keys = query(connection, this.unused, (row) -> row.getString(1), ageMicros, PURGE_ROWS);
			for (String key : keys) {
				update(connection, this.deleteLock, key);
			}
			return keys.size();
		});
	}

	/** The conditional delete of a reap, one transaction each. */
	@Override
	int purgeLeases(Connection connection, long ageMicros) throws SQLException {
		long started = TimeSource.SYSTEM.nanos();
		List<String> leases = query(connection, this.expired, (row) -> row.getString(1), ageMicros, PURGE_ROWS);
		for (String leaseId : leases) {
			requireTime(started);
			reap(connection, leaseId);
		}
		return leases.size();
	}

	@Override
	String lockRowsSql() {
		return this.lockRows;
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
	private void requireTime(long startedNanos) throws SQLTimeoutException {
		if (TimeSource.SYSTEM.nanos() - startedNanos > TimeUnit.MILLISECONDS.toNanos(this.statementMillis)) {
			throw new SQLTimeoutException("not done with all rows within " + this.statementMillis + " ms");
		}
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

	/** A statement that needs a right. */
	private record Trial(String right, String sql) {

	}

	/** Several statements. */
	private interface Work<T> {

		T run() throws SQLException;

	}

}
