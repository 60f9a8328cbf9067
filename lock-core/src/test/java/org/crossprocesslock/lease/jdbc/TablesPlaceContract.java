package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The tables are those that were found at the start, whatever a connection thinks. */
abstract class TablesPlaceContract {

	private static final String PREFIX = JdbcLeaseStore.DEFAULT_TABLE_PREFIX;

	/** An empty database. */
	abstract DataSource database();

	/** What makes a schema the default of a session, if need be until it is set again. */
	abstract String use(String schema);

	/** A connection that has the schema as its default. */
	final Connection in(String schema) throws SQLException {
		Connection connection = database().getConnection();
		execute(connection, use(schema));
		return connection;
	}

	static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = database().getConnection()) {
			execute(connection, sql);
		}
	}

	private long rows(String table) throws SQLException {
		try (Connection connection = database().getConnection();
				Statement statement = connection.createStatement();
				var row = statement.executeQuery("select count(*) from " + table)) {
			row.next();
			return row.getLong(1);
		}
	}

	private static void useAllStatements(JdbcLeaseStore store) {
		store.open("lease", "holder", Duration.ofSeconds(10));
		Granted granted = (Granted) store
			.acquire("lease", Long.MAX_VALUE, List.of(new AcquireOrder("key", null, false)))
			.get(0);
		assertThat(store.look(List.of("key")).keys()).singleElement().matches((seen) -> "lease".equals(seen.leaseId()));
		assertThat(store.lookAside(List.of("key")).keys()).singleElement()
			.matches((seen) -> "lease".equals(seen.leaseId()));
		store.release(List.of(new org.crossprocesslock.lease.LeaseStore.ReleaseOrder("key", "lease", granted.token())),
				List.of());
		assertThat(store.renew("lease")).isPresent();
		assertThat(store.reap("lease")).isFalse();
		assertThat(store.reapUnchanged("lease", 7)).isFalse();
		store.purge(Duration.ofDays(1));
		assertThat(store.takeOver("holder")).isEqualTo(1);
		store.end("lease");
	}

	@Test
	void tablesAreCreatedAndFoundWhereConnectionsOfTheApplicationLead() throws Exception {
		JdbcLeaseSchema.of(database(), PREFIX, null).createIfMissing();
		execute("create schema app");
		DataSource application = DataSources.of(() -> in("app"));
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(application, PREFIX, null);
		assertThat(schema.exists()).isFalse();
		schema.createIfMissing();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(application)
			.schema(schema)
			.ownConnections(database())
			.build()) {
			useAllStatements(store);
		}
		assertThat(rows("app.cross_process_lock")).isEqualTo(1);
		assertThat(rows("cross_process_lock")).isZero();
	}

	@Test
	void everyStatementReachesTheTablesFromAnySchema() throws Exception {
		execute("create schema tenant");
		String[] schema = { "public" };
		DataSource routed = DataSources.of(() -> in(schema[0]));
		JdbcLeaseSchema.of(routed, PREFIX, null).createIfMissing();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(routed).build()) {
			schema[0] = "tenant";
			JdbcLeaseSchema.of(routed, PREFIX, null).createIfMissing();
			useAllStatements(store);
		}
		assertThat(rows("public.cross_process_lock")).isEqualTo(1);
		assertThat(rows("tenant.cross_process_lock")).isZero();
	}

	@Test
	void fencedTransactionMayWorkInAnotherSchemaWithOrWithoutTablesOfTheSameNames() throws Exception {
		JdbcLeaseSchema.of(database(), PREFIX, null).createIfMissing();
		execute("create schema tenant");
		execute("create table tenant.orders (id int)");
		JdbcLeaseStore store = JdbcLeaseStore.builder(database()).build();
		try (LeaseLockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), "holder",
				new LockListener() {
				})) {
			for (int tables = 0; tables < 2; tables++) {
				try (LockGuard guard = locks.lock("orders", Duration.ofSeconds(10));
						Connection connection = database().getConnection();
						FencedTransaction transaction = store.commitFence().begin(connection, guard)) {
					execute(connection, use("tenant"));
					execute(connection, "insert into orders values (1)");
					transaction.commit();
				}
				JdbcLeaseSchema.of(DataSources.of(() -> in("tenant")), PREFIX, null).createIfMissing();
			}
		}
		assertThat(rows("tenant.orders")).isEqualTo(2);
		assertThat(rows("tenant.cross_process_lock")).isZero();
	}

	@Test
	void oneTableThatIsMissingIsCreatedAndTheOtherIsFoundWhereItIs() throws Exception {
		JdbcLeaseSchema.of(database(), PREFIX, null).createIfMissing();
		execute("drop table cross_process_lease");
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(database(), PREFIX, null);
		assertThat(schema.exists()).isFalse();
		schema.createIfMissing();
		assertThat(schema.exists()).isTrue();
	}

	@Test
	void shippedScriptRunsAsItIs() throws Exception {
		String script = JdbcLeaseSchema.of(database(), PREFIX, null).ddl();
		assertThat(script).doesNotContain("$");
		try (var shipped = Dialect.class.getResourceAsStream("schema-" + dialect() + ".sql")) {
			assertThat(shipped).isNotNull();
			assertThat(new String(shipped.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)).isEqualTo(script);
		}
		execute(script);
		assertThat(JdbcLeaseSchema.of(database(), PREFIX, null).exists()).isTrue();
	}

	abstract String dialect();

}
