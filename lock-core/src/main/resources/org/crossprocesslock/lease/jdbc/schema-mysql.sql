-- Tables of the cross-process lock, for MySQL. With another table prefix, replace cross_process_.
-- All times are microseconds since 1970-01-01 UTC by the clock of the database, or their differences.
-- The collation tells apart keys that differ in case or in blanks at the end. Row locks need InnoDB.

create table if not exists cross_process_lease (
  lease_id varchar(36) not null primary key,
  holder varchar(200) not null,
  expires_at bigint not null check (expires_at >= 0),
  duration bigint not null check (duration > 0),
  renewals bigint not null check (renewals >= 0)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;

create table if not exists cross_process_lock (
  lock_key varchar(200) not null primary key,
  lease_id varchar(36),
  token bigint not null check (token > 0),
  previous_lease_id varchar(36),
  kept_until bigint,
  kept_for bigint check (kept_for > 0)
) engine = InnoDB character set utf8mb4 collate utf8mb4_0900_bin;
