package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Where the tables are in H2, under every setting that changes what a name means. */
class H2TablesPlaceTests extends TablesPlaceContract {

	private final DataSource database = H2JdbcLeaseStoreTests.inMemory();

	@Override
	DataSource database() {
		return this.database;
	}

	@Override
	String use(String schema) {
		return "set schema " + schema;
	}

	@Override
	String dialect() {
		return "h2";
	}

	@ParameterizedTest
	@ValueSource(strings = { "DATABASE_TO_UPPER=FALSE", "DATABASE_TO_LOWER=TRUE", "OLD_INFORMATION_SCHEMA=TRUE",
			"OLD_INFORMATION_SCHEMA=TRUE;DATABASE_TO_LOWER=TRUE", "CASE_INSENSITIVE_IDENTIFIERS=TRUE",
			"DATABASE_TO_UPPER=FALSE;CASE_INSENSITIVE_IDENTIFIERS=TRUE", "IGNORECASE=TRUE", "MODE=STRICT",
			"MODE=LEGACY", "MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH",
			"MODE=MySQL;DATABASE_TO_LOWER=TRUE;CASE_INSENSITIVE_IDENTIFIERS=TRUE", "MODE=MariaDB", "MODE=Oracle",
			"MODE=MSSQLServer", "MODE=DB2", "MODE=Derby", "MODE=HSQLDB" })
	void everySettingOfNamesWorks(String settings) throws Exception {
		JdbcDataSource database = new JdbcDataSource();
		database.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;" + settings);
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(database, "App_", null);
		assertThat(schema.exists()).isFalse();
		schema.createIfMissing();
		assertThat(schema.exists()).isTrue();
		try (Connection connection = database.getConnection()) {
			execute(connection, "create table work (id int)");
		}
		JdbcLeaseStore store = JdbcLeaseStore.builder(database).tablePrefix("App_").build();
		try (LeaseLockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), "holder",
				new LockListener() {
				})) {
			for (String key : List.of("key", "KEY", "key")) {
				try (LockGuard guard = locks.lock(key, Duration.ofSeconds(10));
						Connection connection = database.getConnection();
						FencedTransaction transaction = store.commitFence().begin(connection, guard)) {
					execute(connection, "insert into work values (1)");
					transaction.commit();
				}
			}
			store.purge(Duration.ZERO);
			assertThat(store.look(List.of("key")).keys()).singleElement().matches((seen) -> seen.token() == 0);
		}
	}

}
