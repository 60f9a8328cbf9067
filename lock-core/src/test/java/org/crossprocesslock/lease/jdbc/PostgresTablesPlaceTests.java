package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.time.Duration;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

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

}
