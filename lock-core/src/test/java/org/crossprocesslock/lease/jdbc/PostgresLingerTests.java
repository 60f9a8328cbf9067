package org.crossprocesslock.lease.jdbc;

import java.time.Duration;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Lingering keys where processes tell each other what they want. */
@Timeout(120)
class PostgresLingerTests {

	private static final Duration LEASE = Duration.ofMinutes(5);

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

	@Test
	void anotherProcessThatWaitsHasTheKeyLongBeforeItsTimeIsOver() throws Exception {
		try (LockManager one = lingering(LEASE); LockManager other = lingering(LEASE)) {
			long token = 0;
			for (int i = 0; i < 3; i++) {
				for (LockManager each : new LockManager[] { one, other }) {
					try (LockGuard guard = each.lock("key", Eventually.LIMIT)) {
						assertThat(guard.fencingToken()).isGreaterThan(token);
						token = guard.fencingToken();
					}
				}
			}
		}
	}

	private LockManager lingering(Duration linger) {
		JdbcLeaseStore store = JdbcLeaseStore.builder(this.database)
			.ownConnections(this.database)
			.leaseDuration(LEASE)
			.build();
		return new LeaseLockManager(store, LeaseOptions.defaults().withLeaseDuration(LEASE).withLinger(linger),
				"linger", new LockListener() {
				});
	}

}
