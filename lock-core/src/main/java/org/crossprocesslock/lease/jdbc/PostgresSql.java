package org.crossprocesslock.lease.jdbc;

/** What PostgreSQL is asked. */
final class PostgresSql {

	static final String CLOCK = "(extract(epoch from clock_timestamp()) * 1000000)::bigint";

	/**
	 * All access but that of a purge is by primary key, whatever is known of the tables:
	 * a table that was empty when it was last looked at may be large now. For that, scans
	 * are off, and statements name the keys wherever they name a table: a join alone may
	 * walk the whole index. Plans do not depend on the keys, so each statement is planned
	 * once in a session. Nothing is compiled: before PostgreSQL 18 a scan that is off and
	 * taken all the same, as where all leases are counted, costs so much by the estimate
	 * that it is compiled each time, for a tenth of a second to several.
	 */
	static final String BEFORE = """
			begin isolation level read committed read write;
			set local statement_timeout = {statement-limit};
			set local lock_timeout = {lock-wait};
			set local plan_cache_mode = force_generic_plan;
			set local enable_seqscan = {scans};
			set local jit = off;
			set local synchronous_commit = {flush};
			""";

	static final int RESULTS_BEFORE = 7;

	/**
	 * Whatever the default is: what a crash undid would be believed by who was answered.
	 */
	static final String FLUSHED = "on";

	/**
	 * A release does not wait for the disk. Undone by a crash it leaves a row with the
	 * lease of a process that then finds it, see
	 * {@link org.crossprocesslock.lease.LeaseStore.Kept#session}.
	 */
	static final String NOT_FLUSHED = "off";

	/** Numbers of processes come again, but not while the server is up. */
	static final String SESSION = "pg_backend_pid() || ' of ' || extract(epoch from pg_postmaster_start_time())";

	static final String AFTER = ";\ncommit";

	/**
	 * What a look sees. At READ COMMITTED one statement reads one snapshot, so a lease
	 * that is missing here was missing when the lock row named it.
	 */
	static final String SEEN = """
			l.lease_id, coalesce(l.token, 0), s.holder, s.expires_at - {clock}, s.duration, s.renewals, {kept-micros}""";

	/** No later than the snapshot of a statement, unlike the clock. */
	static final String BEGUN = "(extract(epoch from transaction_timestamp()) * 1000000)::bigint";

	static final String LOOK = """
			select l.lock_key, {begun}, {seen}
			from (values (1)) as once left join {lock} l on l.lock_key = any(?)
			{lease-of-l}""";

	static final String LEASE_OF_L = """
			left join lateral (select * from {lease} s where s.lease_id = l.lease_id offset 0) s on true""";

	/**
	 * Takes the rows that are there and free, as they mostly are, and looks at the
	 * others. Never waits for a row: {@code picked} passes over locked ones, and checks
	 * and returns rows in their newest version, which may be newer than the snapshot.
	 * Only those that keep something are looked for in the array of those that do. A
	 * notice that is null would be sent as an empty one.
	 */
	static final String TAKE = """
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
			       case when t.token is null and n.notice is not null and l.lease_id <> ? and s.expires_at > {clock}
			       then pg_notify(? || l.lease_id, n.notice) end
			from {lock} l
			cross join lateral (select (?::text[])[array_position(?::text[], l.lock_key::text)] as notice) n
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
	static final String CREATE = """
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
			       case when t.token is null and w.notice is not null and l.lease_id <> own.lease_id
			       and s.expires_at > {clock} then pg_notify(own.channel || l.lease_id, w.notice) end
			from wanted w cross join own
			left join taken t on t.lock_key = w.lock_key
			left join created c on c.lock_key = w.lock_key
			left join {lock} l on l.lock_key = w.lock_key and l.lock_key = any(array(select lock_key from wanted))
			{lease-of-l}""";

	/**
	 * Never waits for a row, so that one that a fenced transaction keeps locked does not
	 * hold up the others. What still matches in the snapshot and was not freed is locked.
	 */
	static final String RELEASE = """
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

	static final String FREE = "lease_id = null";

	static final String FREE_UNUSED = "lease_id = null, kept_until = null, kept_for = null";

	static final String ONE_GIVEN = "l.lock_key = ? and l.lease_id = ? and l.token = ?";

	static final String MANY_GIVEN = """
			l.lock_key = any(?) and (l.lock_key, l.lease_id, l.token) in (
			  select * from unnest(?::text[], ?::text[], ?::bigint[])
			)""";

	/**
	 * Answers no rows, so that it can be a part of a release. Every transaction that
	 * notifies waits for the ones before it to be committed. It does not take long, since
	 * none waits for the disk.
	 */
	static final String NOTIFY = """
			select n.channel from unnest(?::text[], ?::text[]) as n (channel, text)
			where pg_notify(n.channel, n.text) is null""";

	/**
	 * The token keeps out what was acquired since the snapshot: who has taken the row
	 * since has raised it.
	 */
	static final String PURGE_LOCKS = """
			with unused as materialized (
			  select l.lock_key from {lock} l
			  where l.token < {clock} - ? and ({kept}) is not true
			  and (l.lease_id is null or not exists (select from {lease} s where s.lease_id = l.lease_id))
			  limit ? for update of l skip locked
			)
			delete from {lock} l using unused u where l.lock_key = u.lock_key""";

	static final String PURGE_LEASES = """
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
	static final String LOCK_ROWS = """
			select lock_key, lease_id, token, set_config('idle_in_transaction_session_timeout', coalesce(least({millis},
			  nullif(extract(epoch from current_setting('idle_in_transaction_session_timeout')::interval) * 1000, 0)),
			  {millis})::bigint::text, true)
			from {lock} where lock_key = any(?) order by lock_key for share""";

	private PostgresSql() {
	}

}
