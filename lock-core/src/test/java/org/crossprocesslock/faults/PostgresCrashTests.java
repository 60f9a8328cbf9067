package org.crossprocesslock.faults;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What an immediate restart of PostgreSQL leaves of acquisitions and releases. */
@Timeout(300)
@Tag("full")
class PostgresCrashTests {

	private static final Duration LEASE = Duration.ofSeconds(60);

	/** No heartbeat comes between what a test does and the crash. */
	private static final Duration HEARTBEAT = Duration.ofSeconds(6);

	private final AtomicBoolean refuses = new AtomicBoolean();

	private PostgresBattery database;

	private LockManager manager;

	@BeforeEach
	void start(@TempDir Path directory) throws Exception {
		this.database = PostgresBattery.start(directory, Map.of());
		this.database.createTables();
		RefusingDataSource dataSource = new RefusingDataSource();
		dataSource.setUrl(this.database.url(this.database.port()));
		JdbcLeaseStore store = JdbcLeaseStore.builder(dataSource)
			.leaseDuration(LEASE)
			.ownConnections(dataSource)
			.build();
		this.manager = new LeaseLockManager(store, LeaseOptions.defaults().withLease(LEASE, HEARTBEAT), "crash",
				new LockListener() {
				});
	}

	@AfterEach
	void stop() throws Exception {
		this.refuses.set(false);
		this.manager.close();
		this.database.close();
	}

	@Test
	void aReleaseThatTheCrashHasUndoneIsRepeated() throws Exception {
		// again where the crash came so late that the release was flushed
		for (int attempt = 0; attempt == 0 || (attempt < 5 && isFree("key")); attempt++) {
			this.refuses.set(false);
			this.manager.lock("key", Eventually.LIMIT).close();
			crash();
		}
		assertThat(this.database.keysUnderALease()).as("undone").containsExactly("key");
		this.refuses.set(false);
		long crashed = System.nanoTime();
		Eventually.until("the key is free again", () -> isFree("key"));
		assertThat(Duration.ofNanos(System.nanoTime() - crashed)).as("before the lease is over")
			.isLessThan(LEASE.dividedBy(2));
	}

	@Test
	void aGuardSurvivesTheCrashAlthoughTheServerFlushesNothingByItself() throws Exception {
		try (LockGuard guard = this.manager.lock("key", Eventually.LIMIT)) {
			crash();
			assertThat(this.database.keysUnderALease()).containsExactly("key");
			this.refuses.set(false);
			this.manager.lock("another", Eventually.LIMIT).close();
			guard.checkHeld();
		}
	}

	/** The manager cannot come back before it is let. */
	private void crash() throws Exception {
		this.refuses.set(true);
		this.database.stop();
		this.database.start();
	}

	private boolean isFree(String key) {
		try {
			return !this.database.keysUnderALease().contains(key);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private final class RefusingDataSource extends PGSimpleDataSource {

		private static final long serialVersionUID = 1L;

		@Override
		public Connection getConnection() throws SQLException {
			if (PostgresCrashTests.this.refuses.get()) {
				throw new SQLException("refused", "08001");
			}
			return super.getConnection();
		}

	}

}
