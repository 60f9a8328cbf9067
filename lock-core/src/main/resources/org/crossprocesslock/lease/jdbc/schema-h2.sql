-- Tables of the cross-process lock, for H2. With another table prefix, replace cross_process_.
-- All times are microseconds since 1970-01-01 UTC by the database's own clock, or their differences.
-- varchar_casesensitive stays case-sensitive in a database with IGNORECASE=TRUE.

create table if not exists cross_process_lease (
  lease_id varchar_casesensitive(36) not null primary key,
  holder varchar_casesensitive(200) not null,
  expires_at bigint not null check (expires_at >= 0),
  duration bigint not null check (duration > 0),
  renewals bigint not null check (renewals >= 0)
);

create table if not exists cross_process_lock (
  lock_key varchar_casesensitive(200) not null primary key,
  lease_id varchar_casesensitive(36),
  token bigint not null check (token > 0),
  previous_lease_id varchar_casesensitive(36),
  kept_until bigint,
  kept_for bigint check (kept_for > 0)
);
