package org.crossprocesslock.lease.jdbc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The contract on H2 in memory. */
class H2LeaseLockManagerTests extends JdbcLeaseLockManagerContract {

	private static final DataSource DATABASE = H2JdbcLeaseStoreTests.inMemory();

	@Override
	DataSource database() {
		return DATABASE;
	}

	@Test
	void aKeyDoesNotLingerWhereNobodyCanSayThatItWantsIt() {
		List<String> calls = new CopyOnWriteArrayList<>();
		try (LockManager manager = newManager(LeaseOptions.DEFAULT_LEASE_DURATION, calls)) {
			manager.tryLock("key").orElseThrow().close();
			assertThat(calls).containsOnlyOnce("release");
		}
	}

}
