package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
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

	private static final String CLOCK = "(extract(epoch from clock_timestamp()) * 1000000)::bigint";

	/**
	 * All access but that of a purge is by primary key, whatever is known of the tables:
	 * a table that was empty when it was last looked at may be large now. For that, scans
	 * are off, and statements name the keys wherever they name a table: a join alone may
	 * walk the whole index. Plans do not depend on the keys, so each statement is planned
	 * once in a session.
	 */
	private static final String BEFORE = """
			begin isolation level read committed read write;
			set local statement_timeout = {statement-limit};
			set local lock_timeout = {lock-wait};
			set local plan_cache_mode = force_generic_plan;
			set local enable_seqscan = {scans};
			set local synchronous_commit = {flush};
			""";

	private static final int RESULTS_BEFORE = 6;

	/**
	 * Whatever the default is: what a crash undid would be believed by who was answered.
	 */
	private static final String FLUSHED = "on";

	/**
	 * A release does not wait for the disk. Undone by a crash it leaves a row with the
	 * lease of a process that then finds it, see {@link LeaseStore.Kept#session}.
	 */
	private static final String NOT_FLUSHED = "off";

	/** Numbers of processes come again, but not while the server is up. */
	static final String SESSION = "pg_backend_pid() || ' of ' || extract(epoch from pg_postmaster_start_time())";

	private static final String AFTER = ";\ncommit";

	/**
	 * What a look sees. At READ COMMITTED one statement reads one snapshot, so a lease
	 * that is missing here was missing when the lock row named it.
	 */
	private static final String SEEN = """
			l.lease_id, coalesce(l.token, 0), s.holder, s.expires_at - {clock}, s.duration, s.renewals, {kept-micros}""";

	/** No later than the snapshot of a statement, unlike the clock. */
	private static final String BEGUN = "(extract(epoch from transaction_timestamp()) * 1000000)::bigint";

	private static final String LOOK = """
			select l.lock_key, {begun}, {seen}
			from (values (1)) as once left join {lock} l on l.lock_key = any(?)
			{lease-of-l}""";

	private static final String LEASE_OF_L = """
			left join lateral (select * from {lease} s where s.lease_id = l.lease_id offset 0) s on true""";

	/**
	 * Takes the rows that are there and free, as they mostly are, and looks at the
	 * others. Never waits for a row: {@code picked} passes over locked ones, and checks
	 * and returns rows in their newest version, which may be newer than the snapshot.
	 * Only those that keep something are looked for in the array of those that do.
	 */
	private static final String TAKE = """
			with picked as materialized (
			  select lock_key, previous_lease_id,
			         (?::bigint[])[array_position(?::text[], lock_key::text)] as keep
			  from {lock}
			  where lock_key = any(?) and lease_id is null and ({kept}) is not true and {clock} <= ?
			  for update skip locked
			),
			taken as (
			  update {lock} l
			  set lease_id = ?, previous_lease_id = ?, token = greatest(l.token + ?, {clock}),
			      kept_until = {clock} + p.keep, kept_for = p.keep
			  from picked p
			  where l.lock_key = p.lock_key and l.lock_key = any(?)
			  returning l.lock_key, l.token, p.previous_lease_id
			)
			select l.lock_key, t.token, t.previous_lease_id, {clock} > ?, {seen},
			       case when t.token is null and l.lease_id <> ? and s.expires_at > {clock}
			       then pg_notify(? || l.lease_id, (?::text[])[array_position(?::text[], l.lock_key::text)]) end
			from {lock} l
			left join taken t on t.lock_key = l.lock_key
			{lease-of-l}
			where l.lock_key = any(?)""";

	/**
	 * The same for the rows of dead leases and for those that are not there. A row
	 * inserted after the snapshot makes {@code created} do nothing. Not
	 * {@code on conflict do update ... where}: that locks the rows it then leaves alone.
	 * {@code created} is ordered because it waits, for the length of a commit, for
	 * another one that inserts the same key.
	 */
	private static final String CREATE = """
			with own (lease_id, not_after, channel) as (values (?::text, ?::bigint, ?::text)),
			wanted (lock_key, dead_lease_id, notice, keep) as materialized (
			  select * from unnest(?::text[], ?::text[], ?::text[], ?::bigint[])
			),
			picked as materialized (
			  select l.lock_key, l.previous_lease_id, w.keep
			  from {lock} l join wanted w on l.lock_key = w.lock_key, own
			  where l.lock_key = any(array(select lock_key from wanted))
			  and (l.lease_id is null or l.lease_id = w.dead_lease_id) and ({kept}) is not true
			  and {clock} <= own.not_after
			  for update of l skip locked
			),
			taken as (
			  update {lock} l
			  set lease_id = own.lease_id, previous_lease_id = own.lease_id,
			      token = greatest(l.token + ?, {clock}), kept_until = {clock} + p.keep, kept_for = p.keep
			  from picked p, own
			  where l.lock_key = p.lock_key and l.lock_key = any(array(select lock_key from wanted))
			  returning l.lock_key, l.token, p.previous_lease_id
			),
			created as (
			  insert into {lock} (lock_key, lease_id, token, previous_lease_id, kept_until, kept_for)
			  select w.lock_key, own.lease_id, {clock}, own.lease_id, {clock} + w.keep, w.keep
			  from wanted w, own
			  where w.lock_key <> all(array(
			    select lock_key from {lock} where lock_key = any(array(select lock_key from wanted))
			  )) and {clock} <= own.not_after
			  order by w.lock_key
			  on conflict (lock_key) do nothing
			  returning lock_key, token
			)
			select w.lock_key, coalesce(t.token, c.token), t.previous_lease_id, {clock} > own.not_after, {seen},
			       case when t.token is null and l.lease_id <> own.lease_id and s.expires_at > {clock}
			       then pg_notify(own.channel || l.lease_id, w.notice) end
			from wanted w cross join own
			left join taken t on t.lock_key = w.lock_key
			left join created c on c.lock_key = w.lock_key
			left join {lock} l on l.lock_key = w.lock_key and l.lock_key = any(array(select lock_key from wanted))
			{lease-of-l}""";

	/**
	 * Never waits for a row, so that one that a fenced transaction keeps locked does not
	 * hold up the others. What still matches in the snapshot and was not freed is locked.
	 */
	private static final String RELEASE = """
			with picked as materialized (
			  select l.lock_key from {lock} l where {given} for update of l skip locked
			),
			freed as (
			  update {lock} l set {free} from picked p
			  where l.lock_key = p.lock_key and {given}
			  returning l.lock_key
			)
			select l.lock_key from {lock} l
			where {given} and not exists (select from freed f where f.lock_key = l.lock_key)""";

	private static final String FREE = "lease_id = null";

	private static final String FREE_UNUSED = "lease_id = null, kept_until = null, kept_for = null";

	private static final String ONE_GIVEN = "l.lock_key = ? and l.lease_id = ? and l.token = ?";

	private static final String MANY_GIVEN = """
			l.lock_key = any(?) and (l.lock_key, l.lease_id, l.token) in (
			  select * from unnest(?::text[], ?::text[], ?::bigint[])
			)""";

	/**
	 * Every transaction that notifies waits for the ones before it to be committed. It
	 * does not take long, since none waits for the disk.
	 */
	private static final String NOTIFY = """
			select pg_notify(n.channel, n.text) from unnest(?::text[], ?::text[]) as n (channel, text)""";

	/**
	 * The token keeps out what was acquired since the snapshot: who has taken the row
	 * since has raised it.
	 */
	private static final String PURGE_LOCKS = """
			with unused as materialized (
			  select l.lock_key from {lock} l
			  where l.token < {clock} - ? and ({kept}) is not true
			  and (l.lease_id is null or not exists (select from {lease} s where s.lease_id = l.lease_id))
			  limit ? for update of l skip locked
			)
			delete from {lock} l using unused u where l.lock_key = u.lock_key""";

	private static final String PURGE_LEASES = """
			with expired as materialized (
			  select s.lease_id from {lease} s
			  where s.expires_at <= {clock} and (s.expires_at <= {clock} - ?
			    or not exists (select from {lock} l where l.lease_id = s.lease_id))
			  limit ? for update of s skip locked
			)
			delete from {lease} s using expired e where s.lease_id = e.lease_id""";

	/**
	 * {@code for share}, so that commits under guards that share a key do not wait for
	 * each other. A session that is stopped for good before its commit is ended by the
	 * database: the row would stay locked, and the key busy, for as long as it lives. Not
	 * later than the session's own limit, where it has one (zero is none).
	 */
	private static final String LOCK_ROWS = """
			select lock_key, lease_id, token, set_config('idle_in_transaction_session_timeout', coalesce(least({millis},
			  nullif(extract(epoch from current_setting('idle_in_transaction_session_timeout')::interval) * 1000, 0)),
			  {millis})::bigint::text, true)
			from {lock} where lock_key = any(?) order by lock_key for share""";

	/**
	 * Where the name leads by the rules of the database; or else where there is such a
	 * table that the user has no right to see; or else where it would be created. Without
	 * a schema to create anything in it stays as it is. In the quotes of the database.
	 */
	private static final String FIND = """
			with path as (
			  select case when trim(e) in ('"$user"', '$user') then current_user::text else trim(e, ' "') end as schema, place
			  from unnest(string_to_array(current_setting('search_path'), ',')) with ordinality as p (e, place)
			)
			select coalesce(
			  (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
			   from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			   where c.oid = case when w.parts[2] is null then to_regclass(w.name) end),
			  (select quote_ident(n.nspname) || '.' || quote_ident(c.relname)
			   from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
			   left join path on path.schema = n.nspname
			   where c.relname = coalesce(w.parts[2], w.parts[1])
			   and case when w.parts[2] is null then path.schema is not null else n.nspname = w.parts[1] end
			   order by path.place limit 1),
			  case when w.parts[2] is null then quote_ident(current_schema()) || '.' || quote_ident(w.parts[1]) end,
			  w.name)
			from (select name, place, parse_ident(name) as parts
			      from (values (?::text, 1), (?::text, 2)) as n (name, place)) w
			order by w.place""";

	/** Row-level security hides rows: a lease that is not seen would pass for dead. */
	private static final String MISSING_GRANTS = """
			with found as (
			  select w.name, w.place, c.oid as table_id, n.oid as schema_id, n.nspname
			  from (values (?::text, 1), (?::text, 2)) as w (name, place)
			  join pg_catalog.pg_namespace n on n.nspname = (parse_ident(w.name))[1]
			  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = (parse_ident(w.name))[2]
			)
			select distinct 'grant usage on schema ' || quote_ident(nspname) || ' to ' || quote_ident(current_user)
			from found where not has_schema_privilege(schema_id, 'usage')
			union all (
			  select 'grant ' || string_agg(p.privilege, ', ' order by p.place) || ' on ' || f.name || ' to '
			         || quote_ident(current_user)
			  from found f,
			       unnest(array['select', 'insert', 'update', 'delete']) with ordinality as p (privilege, place)
			  where not has_table_privilege(f.table_id, p.privilege)
			  group by f.name, f.place order by f.place
			)
			union all
			select 'alter table ' || name || ' disable row level security'
			from found where row_security_active(table_id)""";

	/**
	 * One that is checked at once, for all rows and for the column alone: no other one
	 * stops an insert.
	 */
	private static final String IS_UNIQUE = """
			select bool_or(coalesce(i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null
			  and i.indnkeyatts = 1 and a.attname = w.parts[3], false))
			from (select parse_ident(?) || ? as parts) w
			join pg_catalog.pg_namespace n on n.nspname = w.parts[1]
			join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.parts[2]
			left join pg_catalog.pg_index i on i.indrelid = c.oid
			left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]""";

	private static final boolean DRIVER_IS_THERE = isPresent("org.postgresql.PGConnection");

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

	PostgresStatements(TableNames tables, Limits limits) {
		super(tables, CLOCK, SESSION, Dialect.POSTGRESQL);
		this.before = before(limits, "off", FLUSHED);
		this.beforeUnflushed = before(limits, "off", NOT_FLUSHED);
		this.beforePurge = before(limits, "on", FLUSHED);
		this.beforeCreate = before(limits.insertWait(), limits, "off", FLUSHED);
		this.createNanos = limits.lockWait().toNanos();
		this.answerMillis = (int) limits.answer().toMillis();
		this.take = format(seeing(TAKE));
		this.create = format(seeing(CREATE));
		this.releaseOne = format(RELEASE.replace("{given}", ONE_GIVEN).replace("{free}", FREE));
		this.release = format(RELEASE.replace("{given}", MANY_GIVEN).replace("{free}", FREE));
		this.releaseUnused = format(RELEASE.replace("{given}", MANY_GIVEN).replace("{free}", FREE_UNUSED));
		this.look = format(seeing(LOOK).replace("{begun}", BEGUN));
		this.purgeLocks = format(PURGE_LOCKS);
		this.purgeLeases = format(PURGE_LEASES);
		this.lockRows = format(LOCK_ROWS.replace("{millis}", Long.toString(limits.commit().toMillis())));
	}

	private static String seeing(String sql) {
		return sql.replace("{seen}", SEEN).replace("{lease-of-l}", LEASE_OF_L);
	}

	private static String before(Limits limits, String scans, String flush) {
		return before(limits.lockWait(), limits, scans, flush);
	}

	private static String before(Duration lockWait, Limits limits, String scans, String flush) {
		return BEFORE.replace("{statement-limit}", Long.toString(limits.statement().toMillis()))
			.replace("{lock-wait}", Long.toString(lockWait.toMillis()))
			.replace("{scans}", scans)
			.replace("{flush}", flush);
	}

	@Override
	Undo prepare(Connection connection) throws SQLException {
		boolean autoCommit = connection.getAutoCommit();
		int networkTimeout = connection.getNetworkTimeout();
		connection.setAutoCommit(true);
		connection.setNetworkTimeout(Runnable::run, this.answerMillis);
		return () -> {
			connection.setNetworkTimeout(Runnable::run, networkTimeout);
			connection.setAutoCommit(autoCommit);
		};
	}

	@Override
	String version(Connection connection) throws SQLException {
		return texts(connection, "select version()").get(0);
	}

	@Override
	TableNames find(Connection connection) throws SQLException {
		List<String> names = texts(connection, FIND, tables().lease(), tables().lock());
		return tables().at(names.get(0), names.get(1));
	}

	@Override
	List<String> missingGrants(Connection connection) throws SQLException {
		return texts(connection, MISSING_GRANTS, tables().leaseName(), tables().lockName());
	}

	@Override
	boolean isUnique(Connection connection, TableKey key) throws SQLException {
		return !"f".equals(texts(connection, IS_UNIQUE, key.table(), key.column()).get(0));
	}

	/** Outside of {@code begin} and {@code commit}: it may be another database. */
	private static List<String> texts(Connection connection, String sql, Object... parameters) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			bind(statement, parameters);
			try (ResultSet row = statement.executeQuery()) {
				List<String> texts = new ArrayList<>();
				while (row.next()) {
					texts.add(row.getString(1));
				}
				return texts;
			}
		}
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
			String[] keys = texts(alive, AcquireOrder::key);
			List<AcquireOrder> keeping = alive.stream().filter((order) -> !order.keep().isZero()).toList();
			results.addAll(query(connection, this.take, PostgresStatements::acquired, keeps(keeping),
					texts(keeping, AcquireOrder::key), keys, notAfter, leaseId, leaseId, LeaseStore.TOKENS_PER_GRANT,
					keys, notAfter, leaseId, PostgresListener.channel(""),
					texts(alive, (order) -> notice(leaseId, order)), keys, keys));
			results.forEach((result) -> rest.remove(result.key()));
		}
		if (!rest.isEmpty()) {
			List<AcquireOrder> absent = List.copyOf(rest.values());
			// if this fails, those taken are found like any whose answer is lost
			create(connection, leaseId, notAfter, absent, TimeSource.SYSTEM.nanos(), results);
		}
		return results;
	}

	/**
	 * Halves what waits too long for somebody who has inserted one of the keys and does
	 * not commit, until that key is alone. It is to be looked at, and so are those for
	 * which there is no time left.
	 */
	private void create(Connection connection, String leaseId, long notAfter, List<AcquireOrder> orders,
			long startedNanos, List<AcquireResult> results) throws SQLException {
		if (TimeSource.SYSTEM.nanos() - startedNanos > this.createNanos) {
			orders.forEach((order) -> results.add(beingInserted(order)));
			return;
		}
		try {
			results.addAll(run(connection, this.beforeCreate, this.create,
					(statement) -> rows(statement, PostgresStatements::acquired), leaseId, notAfter,
					PostgresListener.channel(""), texts(orders, AcquireOrder::key),
					texts(orders, (order) -> dead(leaseId, order)), texts(orders, (order) -> notice(leaseId, order)),
					keeps(orders), LeaseStore.TOKENS_PER_GRANT));
		}
		catch (SQLException ex) {
			if (meaning(ex) != ErrorMeaning.LOCKED) {
				throw ex;
			}
			int half = orders.size() / 2;
			if (half == 0) {
				results.add(beingInserted(orders.get(0)));
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
			unflushed(connection, NOTIFY, (Object[]) texts(notices));
			return Set.of();
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
		Object[] told = notices.isEmpty() ? new Object[0] : texts(notices);
		return Set.copyOf(unflushed(connection, notices.isEmpty() ? sql : sql + ";\n" + NOTIFY,
				Stream.of(given, given, given, told).flatMap(Stream::of).toArray()));
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
		return texts(connection, "show transaction_read_only").get(0).equals("on");
	}

	@Override
	String lockRowsSql() {
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
		try (PreparedStatement statement = connection.prepareStatement(before + sql + AFTER)) {
			bind(statement, parameters);
			statement.execute();
			for (int i = 0; i < RESULTS_BEFORE; i++) {
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
