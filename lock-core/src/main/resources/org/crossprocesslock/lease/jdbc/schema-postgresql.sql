-- Tables of the cross-process lock, for PostgreSQL. With another table prefix, replace cross_process_.
-- All times are microseconds since 1970-01-01 UTC by the database's own clock, or their differences.
-- No further index: a renewal, an acquisition and a release change no indexed column, so
-- that with room in the page (fillfactor) they rewrite the row in place (HOT).

create table if not exists cross_process_lease (
  lease_id varchar(36) collate "C" not null primary key,
  holder varchar(200) collate "C" not null,
  expires_at bigint not null check (expires_at >= 0),
  duration bigint not null check (duration > 0),
  renewals bigint not null check (renewals >= 0)
) with (fillfactor = 50);

create table if not exists cross_process_lock (
  lock_key varchar(200) collate "C" not null primary key,
  lease_id varchar(36) collate "C",
  token bigint not null check (token > 0),
  previous_lease_id varchar(36) collate "C",
  kept_until bigint,
  kept_for bigint check (kept_for > 0)
) with (fillfactor = 70);
