package org.crossprocesslock.benchmarks.contender;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.database.Product;

import org.springframework.integration.jdbc.lock.DefaultLockRepository;
import org.springframework.integration.jdbc.lock.JdbcLockRegistry;
import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * The JDBC lock registry of Spring Integration, with the insert that its documentation
 * advises for PostgreSQL.
 */
final class SpringIntegrationLocks implements Locks {

	/** As in the scripts that come with it. */
	private static final String DDL = """
			create table INT_LOCK (
			  lock_key char(36) not null,
			  region varchar(100) not null,
			  client_id char(36),
			  created_date {timestamp} not null,
			  expired_after {timestamp} not null,
			  constraint INT_LOCK_PK primary key (lock_key, region)
			)""";

	private final HikariDataSource pool;

	private final DefaultLockRepository repository;

	private final JdbcLockRegistry registry;

	private final Set<String> held = ConcurrentHashMap.newKeySet();

	SpringIntegrationLocks(Database database, Terms terms) {
		this.pool = database.pool();
		this.repository = new DefaultLockRepository(this.pool);
		this.repository.setTransactionManager(new JdbcTransactionManager(this.pool));
		this.repository.afterPropertiesSet();
		if (database.product() == Product.POSTGRESQL) {
			this.repository.setInsertQuery(this.repository.getInsertQuery() + " on conflict do nothing");
		}
		this.repository.afterSingletonsInstantiated();
		this.repository.start();
		this.registry = new JdbcLockRegistry(this.repository, terms.lease());
		this.registry.setIdleBetweenTries(terms.poll());
	}

	static String ddl(Product product) {
		return DDL.replace("{timestamp}", (product == Product.POSTGRESQL) ? "timestamp" : "datetime(6)");
	}

	@Override
	public Acquired acquire(String key) throws InterruptedException {
		DistributedLock lock = this.registry.obtain(key);
		lock.lockInterruptibly();
		this.held.add(key);
		return Acquired.withoutToken(() -> {
			this.held.remove(key);
			lock.unlock();
		});
	}

	@Override
	public void renewHeld() {
		this.held.forEach(this.registry::renewLock);
	}

	@Override
	public void close() {
		this.repository.stop();
		this.pool.close();
	}

}
