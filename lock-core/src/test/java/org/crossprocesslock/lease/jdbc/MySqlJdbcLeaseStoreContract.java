package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What MySQL and MariaDB have in common. */
abstract class MySqlJdbcLeaseStoreContract extends JdbcLeaseStoreContract {

	@Override
	String lockClause() {
		return "lock in share mode";
	}

	@Override
	String setTimeZone() {
		return "set time_zone = '+13:00'";
	}

	@Test
	void lockedTableEndsAStatementBeforeTheClientStopsListening() throws Exception {
		LeaseStore store = store(Duration.ofSeconds(10));
		openLease(store);
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("lock tables app_lock write");
			long started = System.nanoTime();
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire(store, "lease", "k"))
				.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
			assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(store.answerLimit());
		}
		assertThat(acquire(store, "lease", "k")).hasSize(1);
	}

	@Test
	void aKeyThatSomebodyInsertsWithoutCommittingHoldsUpNoOther() throws Exception {
		LeaseStore store = store();
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "free"));
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("insert into app_lock (lock_key, token) values ('inserted', 1)");
			long started = System.nanoTime();
			List<AcquireResult> results = acquire(store, lease, "absent", "free", "inserted", "new");
			assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(store.answerLimit());
			assertThat(results).filteredOn(Granted.class::isInstance)
				.extracting(AcquireResult::key)
				.containsExactlyInAnyOrder("absent", "free", "new");
			assertThat(results).filteredOn(Busy.class::isInstance)
				.extracting(AcquireResult::key)
				.containsExactly("inserted");
		}
	}

}
