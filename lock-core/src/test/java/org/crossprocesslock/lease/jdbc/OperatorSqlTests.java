package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the SQL that docs/production.md and docs/getting-started.md give to people
 * runs, and answers what they say.
 */
class OperatorSqlTests {

	private static final Pattern SQL = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);

	private static final String HOLDER = "orders 7@host";

	private static final String IN_SCHEMA = "locks.cross_process_";

	private static final String ONE_KEY = "k.lock_key = 'orders'";

	private static final String ALL_KEYS = "k.lease_id is not null or k.kept_until is not null";

	@ParameterizedTest
	@MethodSource("databases")
	void holdersAreFound(DataSource database) throws Exception {
		JdbcLeaseSchema.of(database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		JdbcLeaseStore store = JdbcLeaseStore.builder(database).build();
		try (LockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), HOLDER, new LockListener() {
		})) {
			locks.runLocked(LockRequest.of("report", Duration.ZERO).holdingAtLeast(Duration.ofMinutes(10)), () -> {
			});
			try (LockGuard guard = locks.lock("orders", Duration.ZERO);
					Connection connection = database.getConnection();
					Statement statement = connection.createStatement()) {
				List<String> sql = statements(block("production", product(connection), "kept_seconds"));
				assertThat(sql).hasSize(2);
				try (ResultSet row = statement.executeQuery(sql.get(0))) {
					isHeld(row, guard);
					assertThat(row.next()).isFalse();
				}
				try (ResultSet row = statement.executeQuery(sql.get(0).replace(ONE_KEY, ALL_KEYS))) {
					isHeld(row, guard);
					assertThat(row.next()).isTrue();
					assertThat(row.getString("lock_key")).isEqualTo("report");
					assertThat(row.getString("holder")).isNull();
					assertThat(row.getDouble("kept_seconds")).isBetween(500.0, 600.0);
					assertThat(row.next()).isFalse();
				}
				try (ResultSet row = statement.executeQuery(sql.get(1))) {
					assertThat(row.next()).isTrue();
					assertThat(row.getString("holder")).isEqualTo(HOLDER);
					assertThat(row.getDouble("lease_seconds")).isBetween(0.1, 10.0);
				}
				try (ResultSet row = statement.executeQuery(block("getting-started", "", "h.holder"))) {
					assertThat(row.next()).isTrue();
					assertThat(row.getString("lock_key")).isEqualTo("orders");
					assertThat(row.next()).isFalse();
				}
			}
		}
	}

	private static void isHeld(ResultSet row, LockGuard guard) throws SQLException {
		assertThat(row.next()).isTrue();
		assertThat(row.getString("lock_key")).isEqualTo("orders");
		assertThat(row.getString("holder")).isEqualTo(HOLDER);
		assertThat(row.getLong("token")).isEqualTo(guard.fencingToken());
		assertThat(row.getDouble("lease_seconds")).isBetween(0.1, 10.0);
		assertThat(row.getObject("kept_seconds")).isNull();
	}

	@Test
	void connectionsAreFound() throws Exception {
		DataSource database = EmbeddedPostgresServer.newDatabase();
		JdbcLeaseSchema.of(database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		JdbcLeaseStore store = JdbcLeaseStore.builder(database).ownConnections(database).build();
		try (LockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), HOLDER, new LockListener() {
		});
				LockGuard guard = locks.lock("invoices", Duration.ZERO);
				Connection connection = database.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(block("production", "", "pg_stat_activity"))) {
			assertThat(guard.isHeld()).isTrue();
			assertThat(row.next()).isTrue();
			assertThat(row.getString("application_name")).startsWith("cross-process-lock");
		}
	}

	@Test
	void grantsAreEnoughOnPostgres() throws Exception {
		PGSimpleDataSource owner = (PGSimpleDataSource) EmbeddedPostgresServer.newDatabase();
		execute(owner, "create schema locks; create role app login");
		PGSimpleDataSource app = new PGSimpleDataSource();
		app.setUrl(owner.getUrl());
		app.setUser("app");
		try {
			areEnough(owner, app);
		}
		finally {
			execute(owner, "drop owned by app; drop role app");
		}
	}

	@Test
	void grantsAreEnoughOnH2() throws Exception {
		JdbcDataSource owner = new JdbcDataSource();
		owner.setURL("jdbc:h2:mem:operator-grants;DB_CLOSE_DELAY=10");
		execute(owner, "create schema locks; create user app password 'app'");
		JdbcDataSource app = new JdbcDataSource();
		// settings in the URL are for administrators
		app.setURL("jdbc:h2:mem:operator-grants");
		app.setUser("app");
		app.setPassword("app");
		areEnough(owner, app);
	}

	/**
	 * For a user who may do nothing, once he has the rights of the page for the product.
	 */
	static void areEnough(DataSource owner, DataSource app) throws Exception {
		JdbcLeaseSchema.of(owner, IN_SCHEMA, null).createIfMissing();
		try (Connection connection = owner.getConnection()) {
			execute(owner, block("production", product(connection), "grant select"));
		}
		JdbcLeaseSchema.Condition found = JdbcLeaseSchema.of(app, IN_SCHEMA, null).condition();
		assertThat(found.exists()).isTrue();
		assertThat(found.missingGrants()).isEmpty();
		JdbcLeaseStore store = JdbcLeaseStore.builder(app).tablePrefix(IN_SCHEMA).build();
		try (LockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), HOLDER, new LockListener() {
		}); LockGuard guard = locks.lock("orders", Eventually.LIMIT)) {
			assertThat(guard.isHeld()).isTrue();
		}
	}

	/** Every block of both pages is tried by a test above, or on MySQL and MariaDB. */
	@Test
	void everyBlockIsRun() throws IOException {
		assertThat(Files.readString(Path.of("../docs/production.md")))
			.contains("replace the condition by `" + ALL_KEYS + "`");
		assertThat(blocks("production")).hasSize(6);
		assertThat(blocks("getting-started")).hasSize(1);
	}

	static Stream<DataSource> databases() {
		JdbcDataSource h2 = new JdbcDataSource();
		h2.setURL("jdbc:h2:mem:operator-sql;DB_CLOSE_DELAY=10");
		return Stream.of(h2, EmbeddedPostgresServer.newDatabase());
	}

	static void execute(DataSource database, String sql) throws SQLException {
		try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
			for (String each : statements(sql)) {
				statement.execute(each);
			}
		}
	}

	private static List<String> statements(String sql) {
		return Stream.of(sql.split(";", -1)).filter((each) -> !each.isBlank()).toList();
	}

	private static String product(Connection connection) throws SQLException {
		return connection.getMetaData().getDatabaseProductName();
	}

	/** The block that is for the product, as its first line says, and has the mark. */
	private static String block(String page, String product, String mark) throws IOException {
		return blocks(page).stream()
			.filter((block) -> block.lines().findFirst().orElse("").contains(product) && block.contains(mark))
			.findFirst()
			.orElseThrow();
	}

	private static List<String> blocks(String page) throws IOException {
		return SQL.matcher(Files.readString(Path.of("../docs", page + ".md")))
			.results()
			.map((block) -> block.group(1))
			.toList();
	}

}
