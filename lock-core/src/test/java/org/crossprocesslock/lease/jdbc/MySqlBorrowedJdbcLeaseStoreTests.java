package org.crossprocesslock.lease.jdbc;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.servers.ServerAccess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract with connections of a pool that is set up for something else. */
@Tag("full")
@ParameterizedClass
@MethodSource("org.crossprocesslock.servers.ServerAccess#own")
class MySqlBorrowedJdbcLeaseStoreTests extends MySqlJdbcLeaseStoreContract {

	private static final Map<ServerAccess, DataSource> databases = new ConcurrentHashMap<>();

	private final DataSource database;

	private final HikariDataSource pool;

	MySqlBorrowedJdbcLeaseStoreTests(ServerAccess access) {
		this.database = databases.computeIfAbsent(access, ServerAccess::newDatabase);
		this.pool = StrictPool.of(this.database, 4);
	}

	@Override
	DataSource database() {
		return this.database;
	}

	@Override
	protected LeaseStore newStore(Duration leaseDuration) {
		return JdbcLeaseStore.builder(this.pool).tablePrefix(TABLES.prefix()).leaseDuration(leaseDuration).build();
	}

	@AfterEach
	void closePool() {
		this.pool.close();
	}

}
