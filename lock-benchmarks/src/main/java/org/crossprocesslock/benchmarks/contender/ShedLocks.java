package org.crossprocesslock.benchmarks.contender;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

import com.zaxxer.hikari.HikariDataSource;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.support.KeepAliveLockProvider;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.database.Product;

import org.springframework.jdbc.core.JdbcTemplate;

/**
 * ShedLock over a JdbcTemplate with the database's time. It has no call that waits, so
 * callers ask again after a pause.
 */
final class ShedLocks implements Locks {

	private static final String DDL = """
			create table shedlock (
			  name varchar(64) not null primary key,
			  lock_until timestamp not null,
			  locked_at timestamp not null,
			  locked_by varchar(255) not null
			)""";

	/** As its documentation has it for MySQL and MariaDB. */
	private static final String MYSQL_DDL = """
			create table shedlock (
			  name varchar(64) not null primary key,
			  lock_until timestamp(3) not null,
			  locked_at timestamp(3) not null default current_timestamp(3),
			  locked_by varchar(255) not null
			)""";

	static final String IDLE_ROWS = """
			insert into shedlock (name, lock_until, locked_at, locked_by)
			select 'idle-' || n, now() - interval '1 hour', now() - interval '1 hour', 'nobody'
			from generate_series(1, %d) n""";

	private final HikariDataSource pool;

	private final ScheduledExecutorService renewals = Executors.newSingleThreadScheduledExecutor();

	private final LockProvider provider;

	private final Terms terms;

	ShedLocks(Database database, Terms terms) {
		this.pool = database.pool();
		this.terms = terms;
		JdbcTemplateLockProvider provider = new JdbcTemplateLockProvider(
				JdbcTemplateLockProvider.Configuration.builder()
					.withJdbcTemplate(new JdbcTemplate(this.pool))
					// the default is the host name, which all processes here have
					.withLockedByValue("process " + ProcessHandle.current().pid())
					.usingDbTime()
					.build());
		this.provider = terms.renewed() ? new KeepAliveLockProvider(provider, this.renewals) : provider;
	}

	static String ddl(Product product) {
		return (product == Product.POSTGRESQL) ? DDL : MYSQL_DDL;
	}

	@Override
	public Acquired acquire(String key) throws InterruptedException {
		Optional<SimpleLock> lock = attempt(key);
		while (lock.isEmpty()) {
			Thread.sleep(this.terms.poll().toMillis());
			lock = attempt(key);
		}
		return Acquired.withoutToken(lock.get()::unlock);
	}

	private Optional<SimpleLock> attempt(String key) {
		return this.provider.lock(new LockConfiguration(Instant.now(), key, this.terms.lease(), Duration.ZERO));
	}

	@Override
	public void close() {
		this.renewals.shutdownNow();
		this.pool.close();
	}

}
