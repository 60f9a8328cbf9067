package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.Looked;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.LeaseStore.TooLate;
import org.crossprocesslock.lease.Notice;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL. Every statement travels between a {@code begin} that states isolation and
 * access mode, the limits of this one transaction, and a {@code commit}, all in one round
 * trip. So nothing depends on the defaults of a session or changes them, which a pool
 * would have to undo and a proxy that shares sessions would hand to other clients; and no
 * transaction waits for its commit from a process that has been paused.
 */
final class PostgresStatements extends LeaseStatements {

	private static final boolean DRIVER_IS_THERE = isPresent("org.postgresql.PGConnection");

	/** Of connections, of the statement that nobody has heard the end of, of a server. */
	private static final List<String> UNKNOWN_OUTCOMES = List.of("08", "40003", "57P", "58", "XX");

	private final NoticesCarried notices = new NoticesCarried(TimeSource.SYSTEM, this::meaning);

	private final @Nullable NamedStatements named = DRIVER_IS_THERE ? new NamedStatements() : null;

	private final String before;

	private final String beforeUnflushed;

	private final String beforePurge;

	private final String beforeCreate;

	private final long createNanos;

	private final int answerMillis;

	private final String take;

	private final String create;

	private final String releaseOne;

	private final String release;

	private final String releaseUnused;

	private final String look;

	private final String purgeLocks;

	private final String purgeLeases;

	private final String lockRows;

	private PostgresStatements(TableNames tables, Limits limits) {
		super(tables, PostgresSql.CLOCK, PostgresSql.SESSION, Dialect.POSTGRESQL);
		this.before = before(limits, "off", PostgresSql.FLUSHED);
		this.beforeUnflushed = before(limits, "off", PostgresSql.NOT_FLUSHED);
		this.beforePurge = before(limits, "on", PostgresSql.FLUSHED);
		this.beforeCreate = before(limits.insertWait(), limits, "off", PostgresSql.FLUSHED);
		this.createNanos = limits.lockWait().toNanos();
		this.answerMillis = (int) limits.answer().toMillis();
		this.take = format(seeing(PostgresSql.TAKE));
		this.create = format(seeing(PostgresSql.CREATE));
		this.releaseOne = format(
				PostgresSql.RELEASE.replace("{given}", PostgresSql.ONE_GIVEN).replace("{free}", PostgresSql.FREE));
		this.release = format(
				PostgresSql.RELEASE.replace("{given}", PostgresSql.MANY_GIVEN).replace("{free}", PostgresSql.FREE));
		this.releaseUnused = format(PostgresSql.RELEASE.replace("{given}", PostgresSql.MANY_GIVEN)
			.replace("{free}", PostgresSql.FREE_UNUSED));
		this.look = format(seeing(PostgresSql.LOOK).replace("{begun}", PostgresSql.BEGUN));
		this.purgeLocks = format(PostgresSql.PURGE_LOCKS);
		this.purgeLeases = format(PostgresSql.PURGE_LEASES);
		this.lockRows = format(PostgresSql.LOCK_ROWS.replace("{millis}", Long.toString(limits.commit().toMillis())));
	}

	static LeaseStatements of(TableNames tables, Limits limits) {
		return new PostgresStatements(tables, limits);
	}

	private static String seeing(String sql) {
		return sql.replace("{seen}", PostgresSql.SEEN).replace("{lease-of-l}", PostgresSql.LEASE_OF_L);
	}

	private static String before(Limits limits, String scans, String flush) {
		return before(limits.lockWait(), limits, scans, flush);
	}

	private static String before(Duration lockWait, Limits limits, String scans, String flush) {
		return PostgresSql.BEFORE.replace("{statement-limit}", Long.toString(limits.statement().toMillis()))
			.replace("{lock-wait}", Long.toString(lockWait.toMillis()))
			.replace("{scans}", scans)
			.replace("{flush}", flush);
	}

	@Override
	Undo prepare(Connection connection) throws SQLException {
		boolean autoCommit = connection.getAutoCommit();
		int networkTimeout = connection.getNetworkTimeout();
		Executor atOnce = Runnable::run;
		connection.setAutoCommit(true);
		connection.setNetworkTimeout(atOnce, this.answerMillis);
		return () -> {
			connection.setNetworkTimeout(atOnce, networkTimeout);
			connection.setAutoCommit(autoCommit);
		};
	}

	@Override
	String version(Connection connection) throws SQLException {
		return PostgresCatalog.texts(connection, "select version()").get(0);
	}

	@Override
	Survey survey(Connection connection) throws SQLException {
		return PostgresCatalog.survey(connection, tables());
	}

	@Override
	List<String> missingGrants(Connection connection) throws SQLException {
		return PostgresCatalog.survey(connection, tables()).condition().missingGrants();
	}

	@Override
	List<String> missingKeys(Connection connection, TableNames tables) throws SQLException {
		return PostgresCatalog.survey(connection, tables).condition().missingKeys();
	}

	static PreparedStatement prepareUnnamed(Connection connection, String sql) throws SQLException {
		return DRIVER_IS_THERE ? NamedStatements.prepareUnnamed(connection, sql) : connection.prepareStatement(sql);
	}

	private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
		return (this.named != null) ? this.named.prepare(connection, sql) : connection.prepareStatement(sql);
	}

	@Override
	String written(String statement, String columns) {
		return "with w as (" + statement + "\nreturning *)\nselect " + columns + "\nfrom w";
	}

	@Override
	List<AcquireResult> acquire(Connection connection, String leaseId, long notAfter, List<AcquireOrder> orders)
			throws SQLException {
		Map<String, AcquireOrder> rest = new LinkedHashMap<>();
		orders.forEach((order) -> rest.put(order.key(), order));
		List<AcquireOrder> alive = orders.stream().filter((order) -> order.deadLeaseId() == null).toList();
		List<AcquireResult> results = new ArrayList<>();
		if (!alive.isEmpty()) {
			results.addAll(this.notices.with(alive.stream().anyMatch(AcquireOrder::waits),
					(told) -> take(connection, leaseId, notAfter, alive, told)));
			results.forEach((result) -> rest.remove(result.key()));
		}
		if (!rest.isEmpty()) {
			createRest(connection, leaseId, notAfter, List.copyOf(rest.values()), results);
		}
		return results;
	}

	private List<AcquireResult> take(Connection connection, String leaseId, long notAfter, List<AcquireOrder> orders,
			boolean told) throws SQLException {
		String[] keys = texts(orders, AcquireOrder::key);
		List<AcquireOrder> keeping = orders.stream().filter((order) -> !order.keep().isZero()).toList();
		return query(connection, this.take, PostgresStatements::acquired, keeps(keeping),
				texts(keeping, AcquireOrder::key), keys, notAfter, leaseId, leaseId, LeaseStore.TOKENS_PER_GRANT, keys,
				notAfter, leaseId, PostgresListener.channel(""),
				texts(orders, (order) -> told ? notice(leaseId, order) : null), keys, keys);
	}

	/**
	 * What was taken is answered whatever becomes of the rest: run again, this acquire
	 * would find those rows with its own lease, and nobody would know that they were
	 * never used.
	 */
	private void createRest(Connection connection, String leaseId, long notAfter, List<AcquireOrder> orders,
			List<AcquireResult> results) throws SQLException {
		try {
			create(connection, leaseId, notAfter, orders, TimeSource.SYSTEM.nanos(), results);
		}
		catch (SQLException ex) {
			if (!isAnyGranted(results)) {
				throw ex;
			}
			if (!meaning(ex).leavesConnectionUsable()) {
				Closing.discard(connection);
			}
			Set<String> known = results.stream().map(AcquireResult::key).collect(Collectors.toSet());
			orders.stream().filter((order) -> !known.contains(order.key())).forEach((order) -> {
				Failed failed = failed(order, ex);
				results.add(hasAnswered(ex) ? failed : StoreErrors.unanswered(failed));
			});
		}
	}

	private static boolean isAnyGranted(List<AcquireResult> results) {
		return results.stream().anyMatch(Granted.class::isInstance);
	}

	/** Whether the transaction surely was rolled back. */
	private boolean hasAnswered(SQLException ex) {
		String state = ex.getSQLState();
		return state != null && !isEndOfSession(ex) && UNKNOWN_OUTCOMES.stream().noneMatch(state::startsWith);
	}

	private Failed failed(AcquireOrder order, SQLException ex) {
		return new StoreErrors(this).ofKey(order.key(), ex);
	}

	/**
	 * Halves what waits too long for somebody who has inserted one of the keys and does
	 * not commit, until that key is alone, which is to be looked at. The same for what
	 * else is due to one of the keys, which has failed then, if this acquire cannot be
	 * run again.
	 */
	private void create(Connection connection, String leaseId, long notAfter, List<AcquireOrder> orders,
			long startedNanos, List<AcquireResult> results) throws SQLException {
		if (TimeSource.SYSTEM.nanos() - startedNanos > this.createNanos) {
			SQLException ex = new SQLTimeoutException(
					"not done with all keys within " + TimeUnit.NANOSECONDS.toMillis(this.createNanos) + " ms");
			orders.forEach((order) -> results.add(failed(order, ex)));
			return;
		}
		try {
			results.addAll(this.notices.unlessFull(orders.stream().anyMatch(AcquireOrder::waits),
					(told) -> run(connection, this.beforeCreate, this.create,
							(statement) -> rows(statement, PostgresStatements::acquired), leaseId, notAfter,
							PostgresListener.channel(""), texts(orders, AcquireOrder::key),
							texts(orders, (order) -> dead(leaseId, order)),
							texts(orders, (order) -> told ? notice(leaseId, order) : null), keeps(orders),
							LeaseStore.TOKENS_PER_GRANT)));
		}
		catch (SQLException ex) {
			ErrorMeaning meaning = meaning(ex);
			if (meaning != ErrorMeaning.LOCKED && !(meaning.leavesConnectionUsable() && isAnyGranted(results))) {
				throw ex;
			}
			int half = orders.size() / 2;
			if (half == 0) {
				AcquireOrder order = orders.get(0);
				results.add((meaning == ErrorMeaning.LOCKED) ? beingInserted(order) : failed(order, ex));
				return;
			}
			create(connection, leaseId, notAfter, orders.subList(0, half), startedNanos, results);
			create(connection, leaseId, notAfter, orders.subList(half, orders.size()), startedNanos, results);
		}
	}

	private static Busy beingInserted(AcquireOrder order) {
		return new Busy(new KeyLook(order.key(), null, 0, null));
	}

	/** For how long each keeps its key, nothing for those that do not. */
	private static @Nullable Long[] keeps(List<AcquireOrder> orders) {
		return orders.stream().map((order) -> order.keep().isZero() ? null : keepMicros(order)).toArray(Long[]::new);
	}

	/** What the holder is told, {@code null} if nothing. */
	private static @Nullable String notice(String leaseId, AcquireOrder order) {
		return order.waits()
				? NoticeText.write(new Notice("", leaseId, Notice.Kind.WANTED, order.key(), List.of(leaseId))) : null;
	}

	private static @Nullable String dead(String leaseId, AcquireOrder order) {
		return leaseId.equals(order.deadLeaseId()) ? null : order.deadLeaseId();
	}

	private static AcquireResult acquired(ResultSet row) throws SQLException {
		String key = row.getString(1);
		long token = row.getLong(2);
		if (!row.wasNull()) {
			return new Granted(key, token, row.getString(3));
		}
		return row.getBoolean(4) ? new TooLate(key) : new Busy(seen(key, row, 5));
	}

	private static KeyLook seen(String key, ResultSet row, int column) throws SQLException {
		return new KeyLook(key, row.getString(column), row.getLong(column + 1), lease(row, column + 2),
				kept(row, column + 6));
	}

	@Override
	Set<String> release(Connection connection, List<ReleaseOrder> orders, List<Notice> notices) throws SQLException {
		List<ReleaseOrder> unused = orders.stream().filter(ReleaseOrder::unused).toList();
		Set<String> locked = new HashSet<>();
		if (!unused.isEmpty()) {
			locked.addAll(release(connection, this.releaseUnused, unused, List.of()));
		}
		List<ReleaseOrder> used = orders.stream().filter((order) -> !order.unused()).toList();
		if (!used.isEmpty() || !notices.isEmpty()) {
			locked.addAll(releaseUsed(connection, used, notices));
		}
		return locked;
	}

	private Set<String> releaseUsed(Connection connection, List<ReleaseOrder> orders, List<Notice> notices)
			throws SQLException {
		if (orders.isEmpty()) {
			return this.notices.with(true, (told) -> {
				if (told) {
					unflushed(connection, PostgresSql.NOTIFY, (Object[]) texts(notices));
				}
				return Set.of();
			});
		}
		if (orders.size() == 1) {
			ReleaseOrder order = orders.get(0);
			return release(connection, this.releaseOne, notices, order.key(), order.leaseId(), order.token());
		}
		return release(connection, this.release, orders, notices);
	}

	private Set<String> release(Connection connection, String sql, List<ReleaseOrder> orders, List<Notice> notices)
			throws SQLException {
		String[] keys = texts(orders, ReleaseOrder::key);
		return release(connection, sql, notices, keys, keys, texts(orders, ReleaseOrder::leaseId),
				orders.stream().map(ReleaseOrder::token).toArray(Long[]::new));
	}

	/** What is given is named three times. */
	private Set<String> release(Connection connection, String sql, List<Notice> notices, Object... given)
			throws SQLException {
		return this.notices.with(!notices.isEmpty(), (told) -> {
			Object[] texts = told ? texts(notices) : new Object[0];
			return Set.copyOf(unflushed(connection, told ? sql + "\nunion all\n" + PostgresSql.NOTIFY : sql,
					Stream.of(given, given, given, texts).flatMap(Stream::of).toArray()));
		});
	}

	private static String[][] texts(List<Notice> notices) {
		return new String[][] { texts(notices, (notice) -> PostgresListener.channel(notice.to())),
				texts(notices, NoticeText::write) };
	}

	private List<String> unflushed(Connection connection, String sql, Object... parameters) throws SQLException {
		return run(connection, this.beforeUnflushed, sql, (statement) -> rows(statement, (row) -> row.getString(1)),
				parameters);
	}

	@Override
	boolean notifies() {
		return DRIVER_IS_THERE;
	}

	@Override
	boolean isEndOfSession(SQLException ex) {
		return DRIVER_IS_THERE && EndedSession.isSaidBy(ex);
	}

	@Override
	void name(Connection connection, String label) throws SQLException {
		connection.setClientInfo("ApplicationName", label);
	}

	@Override
	Looked look(Connection connection, List<String> keys) throws SQLException {
		AtomicLong clock = new AtomicLong();
		Map<String, KeyLook> found = new HashMap<>();
		query(connection, this.look, (row) -> {
			clock.set(row.getLong(2));
			String key = row.getString(1);
			if (key != null) {
				found.put(key, seen(key, row, 3));
			}
			return found.size();
		}, (Object) keys.toArray(String[]::new));
		return new Looked(clock.get(), found(keys, found));
	}

	@Override
	int purgeLocks(Connection connection, long ageMicros) throws SQLException {
		return run(connection, this.beforePurge, this.purgeLocks, Statement::getUpdateCount, ageMicros, PURGE_ROWS);
	}

	@Override
	int purgeLeases(Connection connection, long ageMicros) throws SQLException {
		return run(connection, this.beforePurge, this.purgeLeases, Statement::getUpdateCount, ageMicros, PURGE_ROWS);
	}

	@Override
	boolean isReadOnly(Connection connection) throws SQLException {
		return PostgresCatalog.texts(connection, "show transaction_read_only").get(0).equals("on");
	}

	@Override
	PreparedStatement prepareForeign(Connection connection, String sql) throws SQLException {
		return prepareUnnamed(connection, sql);
	}

	@Override
	String lockRowsSql(int keys) {
		return this.lockRows;
	}

	@Override
	int update(Connection connection, String sql, Object... parameters) throws SQLException {
		return run(connection, this.before, sql, Statement::getUpdateCount, parameters);
	}

	@Override
	<T> List<T> query(Connection connection, String sql, Row<T> row, @Nullable Object... parameters)
			throws SQLException {
		return run(connection, this.before, sql, (statement) -> rows(statement, row), parameters);
	}

	private static <T> List<T> rows(Statement statement, Row<T> row) throws SQLException {
		List<T> rows = new ArrayList<>();
		try (ResultSet results = statement.getResultSet()) {
			while (results.next()) {
				rows.add(row.read(results));
			}
		}
		return rows;
	}

	private <T> T run(Connection connection, String before, String sql, Answer<T> answer,
			@Nullable Object... parameters) throws SQLException {
		try (PreparedStatement statement = prepare(connection, before + sql + PostgresSql.AFTER)) {
			bind(statement, parameters);
			statement.execute();
			for (int i = 0; i < PostgresSql.RESULTS_BEFORE; i++) {
				statement.getMoreResults();
			}
			return answer.read(statement);
		}
		catch (SQLException ex) {
			rollBack(connection, ex);
			throw ex;
		}
	}

	/** The commit after a failed statement was not reached. */
	private static void rollBack(Connection connection, SQLException failure) {
		try {
			if (!connection.isClosed()) {
				try (Statement statement = connection.createStatement()) {
					statement.execute("rollback");
				}
			}
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
		}
	}

	/** Another driver can do all but listen and tell who has ended a session. */
	private static boolean isPresent(String type) {
		try {
			Class.forName(type, false, PostgresStatements.class.getClassLoader());
			return true;
		}
		catch (ClassNotFoundException ex) {
			return false;
		}
	}

	private static <T> String[] texts(List<T> orders, Function<T, @Nullable String> text) {
		return orders.stream().map(text).toArray(String[]::new);
	}

	/** Reads the answer to the statement between begin and commit. */
	private interface Answer<T> {

		T read(PreparedStatement statement) throws SQLException;

	}

}
