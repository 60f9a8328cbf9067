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

	@ParameterizedTest
	@MethodSource("databases")
	void holdersAreFound(DataSource database) throws Exception {
		JdbcLeaseSchema.of(database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		JdbcLeaseStore store = JdbcLeaseStore.builder(database).build();
		try (LockManager locks = new LeaseLockManager(store, LeaseOptions.defaults(), HOLDER, new LockListener() {
		})) {
			locks.runLocked(LockRequest.of("report", Duration.ZERO).holdingAtLeast(Duration.ofMinutes(10)), () -> {
			});
			try (LockGuard guard = locks.lock("invoices", Duration.ZERO);
					Connection connection = database.getConnection();
					Statement statement = connection.createStatement()) {
				try (ResultSet row = statement.executeQuery(sql("kept_seconds", connection))) {
					assertThat(row.next()).isTrue();
					assertThat(row.getString("lock_key")).isEqualTo("invoices");
					assertThat(row.getString("holder")).isEqualTo(HOLDER);
					assertThat(row.getLong("token")).isEqualTo(guard.fencingToken());
					assertThat(row.getDouble("lease_seconds")).isBetween(0.1, 10.0);
					assertThat(row.getObject("kept_seconds")).isNull();
					assertThat(row.next()).isTrue();
					assertThat(row.getString("lock_key")).isEqualTo("report");
					assertThat(row.getString("holder")).isNull();
					assertThat(row.getDouble("kept_seconds")).isBetween(500.0, 600.0);
					assertThat(row.next()).isFalse();
				}
				try (ResultSet row = statement.executeQuery(sql("renewals", connection))) {
					assertThat(row.next()).isTrue();
					assertThat(row.getString("holder")).isEqualTo(HOLDER);
				}
				try (ResultSet row = statement.executeQuery(block("getting-started", "h.holder"))) {
					assertThat(row.next()).isTrue();
					assertThat(row.getString("lock_key")).isEqualTo("invoices");
					assertThat(row.next()).isFalse();
				}
			}
		}
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
				ResultSet row = statement.executeQuery(block("production", "pg_stat_activity"))) {
			assertThat(guard.isHeld()).isTrue();
			assertThat(row.next()).isTrue();
			assertThat(row.getString("application_name")).startsWith("cross-process-lock");
		}
	}

	@Test
	void grantsAreEnough() throws Exception {
		PGSimpleDataSource owner = (PGSimpleDataSource) EmbeddedPostgresServer.newDatabase();
		execute(owner, "create schema locks");
		JdbcLeaseSchema.of(owner, "locks.cross_process_", null).createIfMissing();
		execute(owner, "create role app login");
		PGSimpleDataSource app = new PGSimpleDataSource();
		app.setUrl(owner.getUrl());
		app.setUser("app");
		try {
			execute(owner, block("production", "grant usage"));
			JdbcLeaseSchema.Condition found = JdbcLeaseSchema.of(app, "locks.cross_process_", null).condition();
			assertThat(found.exists()).isTrue();
			assertThat(found.missingGrants()).isEmpty();
		}
		finally {
			execute(owner, "drop owned by app; drop role app");
		}
	}

	/** Every block of both pages is tried by a test above. */
	@Test
	void everyBlockIsRun() throws IOException {
		assertThat(Files.readString(Path.of("../docs/production.md")))
			.contains("write `unix_timestamp(current_timestamp(6))` for `extract(epoch from current_timestamp)`");
		assertThat(blocks("production")).hasSize(4);
		assertThat(blocks("getting-started")).hasSize(1);
	}

	static Stream<DataSource> databases() {
		JdbcDataSource h2 = new JdbcDataSource();
		h2.setURL("jdbc:h2:mem:operator-sql;DB_CLOSE_DELAY=10");
		return Stream.of(h2, EmbeddedPostgresServer.newDatabase());
	}

	private static void execute(DataSource database, String sql) throws SQLException {
		try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/** Of the page about production, as it says for the product. */
	private static String sql(String mark, Connection connection) throws IOException, SQLException {
		String sql = block("production", mark);
		String product = connection.getMetaData().getDatabaseProductName();
		return (product.equals("MySQL") || product.equals("MariaDB"))
				? sql.replace("extract(epoch from current_timestamp)", "unix_timestamp(current_timestamp(6))") : sql;
	}

	private static String block(String page, String mark) throws IOException {
		return blocks(page).stream().filter((block) -> block.contains(mark)).findFirst().orElseThrow();
	}

	private static List<String> blocks(String page) throws IOException {
		return SQL.matcher(Files.readString(Path.of("../docs", page + ".md")))
			.results()
			.map((block) -> block.group(1))
			.toList();
	}

}
