package org.crossprocesslock.lease.jdbc;

import java.time.Duration;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.lease.LeaseStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;

/** The contract with connections of a pool that is set up for something else. */
@Tag("full")
class EmbeddedPostgresBorrowedJdbcLeaseStoreTests extends EmbeddedPostgresJdbcLeaseStoreTests {

	private final HikariDataSource pool = StrictPool.of(database(), 4);

	@Override
	protected LeaseStore newStore(Duration leaseDuration) {
		return JdbcLeaseStore.builder(this.pool).tablePrefix(TABLES.prefix()).leaseDuration(leaseDuration).build();
	}

	@AfterEach
	void closePool() {
		this.pool.close();
	}

}
