package org.crossprocesslock.benchmarks.contender;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;

import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * This library as the starter configures it for a service with a database.
 */
final class CrossProcessLocks implements Locks {

	static final String IDLE_ROWS = """
			insert into cross_process_lock (lock_key, token)
			select 'idle-' || n, (extract(epoch from clock_timestamp()) * 1000000)::bigint
			from generate_series(1, %d) n""";

	private static final Duration FOR_EVER = Duration.ofDays(1);

	private final ConfigurableApplicationContext context;

	private final LockManager manager;

	private final Queue<CompletableFuture<LockGuard>> waiting = new ConcurrentLinkedQueue<>();

	CrossProcessLocks(Database database, Terms terms, Map<String, String> properties) {
		Map<String, Object> all = new LinkedHashMap<>(properties);
		all.put("spring.datasource.url", database.url());
		this.context = new SpringApplicationBuilder(Service.class).web(WebApplicationType.NONE)
			.logStartupInfo(false)
			.bannerMode(Banner.Mode.OFF)
			.properties(all)
			.run();
		this.manager = this.context.getBean(LockManager.class);
	}

	static void createTables(Database database) {
		JdbcLeaseSchema.of(database.unpooled(), JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

	@Override
	public Acquired acquire(String key) throws InterruptedException {
		return new Guarded(this.manager.lock(key, FOR_EVER));
	}

	@Override
	public void enqueue(String key) {
		this.waiting.add(this.manager.lockAsync(LockRequest.of(key, FOR_EVER)));
	}

	@Override
	public void close() {
		this.context.close();
	}

	/** A key and its guard. */
	private record Guarded(LockGuard guard) implements Acquired {

		@Override
		public long fencingToken() {
			return this.guard.fencingToken();
		}

		@Override
		public void release() {
			this.guard.close();
		}

	}

	/** A service that has a database and locks, and nothing else. */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Service {

	}

}
