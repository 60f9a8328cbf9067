package org.crossprocesslock.benchmarks.contender;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.benchmarks.database.Database;

/**
 * The bare statements for MySQL and MariaDB, where an upsert does not tell whether it has
 * changed the row: one update to acquire and one to release, and an insert for a key that
 * is new to the process.
 */
final class MySqlStatementLocks implements Locks {

	static final String DDL = """
			create table bare_lock (
			  name varchar(200) not null primary key,
			  holder varchar(36),
			  expires_at datetime(3) not null
			) character set utf8mb4 collate utf8mb4_bin""";

	private static final String UNTIL = "utc_timestamp(3) + interval (? * 1000) microsecond";

	private static final String ACQUIRE = "update bare_lock set holder = ?, expires_at = " + UNTIL
			+ " where name = ? and (holder is null or expires_at <= utc_timestamp(3))";

	private static final String CREATE = "insert ignore into bare_lock (holder, expires_at, name) values (?, " + UNTIL
			+ ", ?)";

	private static final String RELEASE = "update bare_lock set holder = null where name = ? and holder = ?";

	private static final String RENEW = "update bare_lock set expires_at = " + UNTIL + " where holder = ?";

	private final HikariDataSource pool;

	private final long leaseMillis;

	private final String holder = UUID.randomUUID().toString();

	private final Set<String> known = ConcurrentHashMap.newKeySet();

	MySqlStatementLocks(Database database, Terms terms) {
		this.pool = database.pool();
		this.leaseMillis = terms.lease().toMillis();
	}

	@Override
	public Acquired acquire(String key) throws InterruptedException {
		while (!tryAcquire(key)) {
			Thread.sleep(StatementLocks.POLL_MILLIS);
		}
		return Acquired.withoutToken(() -> release(key));
	}

	private boolean tryAcquire(String key) {
		return update(ACQUIRE, key) || (this.known.add(key) && update(CREATE, key));
	}

	private boolean update(String sql, String key) {
		return StatementLocks.update(this.pool, sql, this.holder, this.leaseMillis, key) == 1;
	}

	private void release(String key) {
		if (StatementLocks.update(this.pool, RELEASE, key, this.holder) != 1) {
			throw new IllegalStateException("Key '" + key + "' was not held any more");
		}
	}

	@Override
	public void renewHeld() {
		StatementLocks.update(this.pool, RENEW, this.leaseMillis, this.holder);
	}

	@Override
	public void close() {
		this.pool.close();
	}

}
