package org.crossprocesslock.benchmarks.contender;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.benchmarks.database.Database;

/**
 * The fewest statements on MariaDB that give what this library does: a fencing token from
 * the server's clock, and no wait for a row that a transaction has locked. One more than
 * the bare ones, a read, since an update answers with no row there.
 */
final class FencedStatementLocks implements Locks {

	static final String DDL = """
			create table fenced_lock (
			  name varchar(200) not null primary key,
			  holder varchar(36),
			  token bigint not null
			) character set utf8mb4 collate utf8mb4_nopad_bin""";

	private static final String CLOCK = "timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))";

	private static final String READ = "select holder, greatest(token + 1000, " + CLOCK
			+ "), token from fenced_lock where name = ?";

	private static final String ACQUIRE = withoutWaiting(
			"update fenced_lock set holder = ?, token = ? where name = ? and holder is null and token = ?");

	private static final String CREATE = "insert ignore into fenced_lock (name, token) values (?, 1)";

	private static final String RELEASE = withoutWaiting(
			"update fenced_lock set holder = null where name = ? and holder = ? and token = ?");

	private final HikariDataSource pool;

	private final String holder = UUID.randomUUID().toString();

	private final Set<String> known = ConcurrentHashMap.newKeySet();

	FencedStatementLocks(Database database) {
		this.pool = database.pool();
	}

	/** A locked row is left as it is. */
	private static String withoutWaiting(String update) {
		return "begin not atomic declare exit handler for 1205 begin end; set statement innodb_lock_wait_timeout = 0 for "
				+ update + "; end";
	}

	@Override
	public Acquired acquire(String key) throws InterruptedException {
		if (this.known.add(key)) {
			StatementLocks.update(this.pool, CREATE, key);
		}
		long token = tryAcquire(key);
		while (token == 0) {
			Thread.sleep(StatementLocks.POLL_MILLIS);
			token = tryAcquire(key);
		}
		return new Fenced(this, key, token);
	}

	/** Answers with the token, or 0. */
	private long tryAcquire(String key) {
		try (Connection connection = this.pool.getConnection();
				PreparedStatement read = connection.prepareStatement(READ)) {
			read.setString(1, key);
			try (ResultSet row = read.executeQuery()) {
				if (!row.next() || row.getString(1) != null) {
					return 0;
				}
				long token = row.getLong(2);
				int taken = StatementLocks.update(connection, ACQUIRE, this.holder, token, key, row.getLong(3));
				return (taken == 1) ? token : 0;
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.pool.close();
	}

	/** A key and its token. */
	private record Fenced(FencedStatementLocks locks, String key, long fencingToken) implements Acquired {

		@Override
		public void release() {
			while (StatementLocks.update(this.locks.pool, RELEASE, this.key, this.locks.holder,
					this.fencingToken) != 1) {
				Thread.onSpinWait();
			}
		}

	}

}
