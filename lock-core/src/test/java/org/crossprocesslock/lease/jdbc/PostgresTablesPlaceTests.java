package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.time.Duration;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Where the tables are in PostgreSQL. */
class PostgresTablesPlaceTests extends TablesPlaceContract {

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	@Override
	DataSource database() {
		return this.database;
	}

	@Override
	String use(String schema) {
		return "set search_path to " + schema;
	}

	@Override
	String dialect() {
		return "postgresql";
	}

	@Test
	void tablesAreFoundAnywhereInTheSearchPathAndNamedInQuotesWhereNeeded() throws Exception {
		try (Connection connection = this.database.getConnection()) {
			execute(connection, "create schema \"Odd \"\"name\"");
			execute(connection, "create schema empty");
			execute(connection, use("\"Odd \"\"name\""));
			execute(connection, JdbcLeaseSchema.of(this.database, "Locks_", null).ddl());
		}
		DataSource application = DataSources.of(() -> in("empty, \"Odd \"\"name\""));
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(application, "Locks_", null);
		assertThat(schema.exists()).isTrue();
		assertThat(schema.database().tables().lockName()).isEqualTo("\"Odd \"\"name\".locks_lock");
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.database).schema(schema).build()) {
			store.open("lease", "holder", Duration.ofSeconds(10));
			assertThat(store.renew("lease")).isPresent();
		}
	}

	@Test
	void roleThatMayNotLockTheRowsOfItsLocksIsToldWhatToGrant() throws Exception {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		try (Connection connection = this.database.getConnection()) {
			execute(connection, "do $$ begin create role tenant; exception when duplicate_object then null; end $$");
			execute(connection, "drop owned by tenant");
		}
		JdbcLeaseStore store = JdbcLeaseStore.builder(this.database).build();
		try (LeaseLockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), "holder",
				new LockListener() {
				}); LockGuard guard = locks.lock("key", Duration.ofSeconds(10))) {
			try (Connection connection = this.database.getConnection();
					FencedTransaction transaction = store.commitFence().begin(connection, guard)) {
				execute(connection, "set local role tenant");
				// Spring takes any other one of this state for a fault of the statement
				assertThatExceptionOfType(SQLInvalidAuthorizationSpecException.class).isThrownBy(transaction::commit)
					.withMessageContaining("grant select, update on public.cross_process_lock to <role>")
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("42501"));
			}
			try (Connection connection = this.database.getConnection();
					FencedTransaction transaction = store.commitFence().begin(connection, guard)) {
				execute(connection, "grant usage on schema public to tenant");
				execute(connection, "grant select, update on public.cross_process_lock to tenant");
				execute(connection, "set local role tenant");
				transaction.commit();
			}
		}
	}

}
