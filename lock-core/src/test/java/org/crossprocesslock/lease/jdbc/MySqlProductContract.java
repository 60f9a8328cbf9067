package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.servers.JdbcDriver;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** What MySQL and MariaDB have that no other product has. */
abstract class MySqlProductContract {

	private String url = "";

	abstract TestServer server();

	/** What the database is. */
	abstract Dialect dialect();

	@BeforeEach
	void newDatabase() {
		this.url = server().newDatabase(JdbcDriver.MARIADB_CONNECTOR);
	}

	private DataSource database() {
		return JdbcDriver.dataSource(this.url);
	}

	private void execute(String... statements) {
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private JdbcLeaseStore store(DataSource dataSource) {
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(dataSource, "app_", null);
		schema.createIfMissing();
		return JdbcLeaseStore.builder(dataSource).schema(schema).build();
	}

	@ParameterizedTest
	@EnumSource
	void isKnownWhateverTheDriverCallsIt(JdbcDriver driver) {
		DataSource database = JdbcDriver.dataSource(server().newDatabase(driver));
		assertThat(JdbcLeaseSchema.of(database, "app_", null).database().dialect()).isEqualTo(dialect());
		String other = (dialect() == Dialect.MYSQL) ? "mariadb" : "mysql";
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseSchema.of(database, "app_", other))
			.withMessageContaining("platform=" + other);
	}

	@ParameterizedTest
	@ValueSource(strings = { "app_lock", "app_lease" })
	void tableWithoutRowLocksIsRefusedWithWhatMendsIt(String table) {
		store(database()).close();
		execute("alter table " + table + " engine = MyISAM");
		List<String> missing = JdbcLeaseSchema.of(database(), "app_", null).condition().missingKeys();
		assertThat(missing).singleElement().asString().contains("`." + "`" + table + "` engine = InnoDB", "MyISAM");
		assertThatIllegalStateException().isThrownBy(() -> store(database())).withMessageContaining(missing.get(0));
		execute(missing.get(0));
		store(database()).close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "utf8mb4_general_ci", "utf8mb4_bin", "latin1_german1_ci" })
	void tableThatTakesDifferentKeysForOneIsRefusedWithWhatMendsIt(String collation) {
		store(database()).close();
		String charset = collation.split("_", 2)[0];
		for (String table : List.of("app_lock", "app_lease")) {
			execute("alter table " + table + " convert to character set " + charset + " collate " + collation);
			List<String> missing = JdbcLeaseSchema.of(database(), "app_", null).condition().missingKeys();
			assertThat(missing).singleElement().asString().contains("`" + table + "` convert to", collation);
			assertThatIllegalStateException().isThrownBy(() -> store(database())).withMessageContaining(missing.get(0));
			execute(missing.get(0));
		}
		execute("alter table app_lock modify lock_key varchar(200) character set ascii collate ascii_general_ci");
		assertThat(JdbcLeaseSchema.of(database(), "app_", null).missingKeys()).hasSize(1);
		execute("alter table app_lock modify lock_key varbinary(200)",
				"alter table app_lock add column remark varchar(20) collate utf8mb4_general_ci");
		store(database()).close();
	}

	/** As a server may have them set for everybody. */
	@ParameterizedTest
	@ValueSource(
			strings = { "ANSI", "ANSI_QUOTES", "ORACLE", "PIPES_AS_CONCAT,HIGH_NOT_PRECEDENCE,NO_BACKSLASH_ESCAPES" })
	void modesOfTheServerChangeNothing(String mode) {
		// MySQL does not have all of them any more
		String known = (dialect() == Dialect.MARIADB) ? mode : mode.replace("ORACLE", "ANSI");
		DataSource database = JdbcDriver
			.dataSource(this.url + (this.url.contains("?") ? "&" : "?") + "sessionVariables=sql_mode='" + known + "'");
		try (JdbcLeaseStore store = store(database); Connection transaction = database.getConnection()) {
			store.open("lease", "it's a \\ holder", Duration.ofSeconds(10));
			store.acquire("lease", Long.MAX_VALUE, List.of(new AcquireOrder("key", null, false)));
			assertThat(store.look(List.of("key")).keys()).singleElement()
				.satisfies((seen) -> assertThat(Objects.requireNonNull(seen.lease()).holder())
					.isEqualTo("it's a \\ holder"));
			LeaseStatements statements = dialect().statements(new TableNames("app_"),
					Limits.of(Duration.ofSeconds(10)));
			transaction.setAutoCommit(false);
			assertThat(statements.lockRows(transaction, List.of("key", "other"))).singleElement()
				.satisfies((row) -> assertThat(row.leaseId()).isEqualTo("lease"));
			transaction.rollback();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Else it would lock all rows, or wait for them. */
	@Test
	void longListOfKeysIsLookedUpByPrimaryKey() throws Exception {
		try (JdbcLeaseStore store = store(database());
				Connection connection = database().getConnection();
				Statement statement = connection.createStatement()) {
			assertThat(store.look(List.of("many0")).keys()).hasSize(1);
			statement.execute("insert into app_lock (lock_key, token) with recursive n (i) as "
					+ "(select 0 union all select i + 1 from n where i < 99) "
					+ "select concat('many', 1 + a.i + 100 * b.i), 1 from n a cross join n b");
			dialect().statements(new TableNames("app_"), Limits.of(Duration.ofSeconds(10))).prepare(connection);
			String keys = IntStream.range(0, 1200).mapToObj((i) -> "'many" + i + "'").collect(Collectors.joining(", "));
			try (ResultSet plan = statement.executeQuery("explain select lock_key from app_lock force index (primary) "
					+ "where lock_key in (" + keys + ") for update skip locked")) {
				assertThat(plan.next()).isTrue();
				assertThat(plan.getString("select_type")).isEqualTo("SIMPLE");
				assertThat(plan.getString("type")).isEqualTo("range");
				assertThat(plan.getString("key")).isEqualTo("PRIMARY");
				assertThat(plan.next()).as("a list that became a table").isFalse();
			}
			statement.execute("delete from app_lock where lock_key like 'many%'");
		}
	}

	/** What was granted has a guard then; else it would be kept and nobody had it. */
	@ParameterizedTest
	@CsvSource({ "5, HY000, 1290, Granted, Failed", "5, 08S01, 0, Granted, Unanswered",
			"4, HY000, 1290, Unanswered, Granted" })
	void whatWasTakenIsAnsweredWhateverBecomesOfTheRest(int statement, String state, int code, String created,
			String taken) throws Exception {
		try (JdbcLeaseStore store = store(database()); Connection connection = database().getConnection()) {
			AcquireOrder old = new AcquireOrder("old", null, false);
			Granted before = (Granted) store.acquire("other", Long.MAX_VALUE, List.of(old)).get(0);
			store.release(List.of(new ReleaseOrder("old", "other", before.token())), List.of());
			LeaseStatements statements = statements();
			statements.prepare(connection);
			WatchedConnection watched = new WatchedConnection(connection);
			watched.beforeStatements(() -> {
				if (watched.executed().size() == statement) {
					throw new SQLException("not now", state, code);
				}
			});
			List<AcquireResult> results = statements.acquire(watched.connection(), "lease", Long.MAX_VALUE,
					List.of(new AcquireOrder("new", null, false, Duration.ofMinutes(1)), old));
			assertThat(results).extracting((result) -> result.key() + " " + result.getClass().getSimpleName())
				.containsExactlyInAnyOrder("new " + created, "old " + taken);
		}
	}

	@Test
	void aRefusalBeforeAnythingWasTakenIsThrown() throws Exception {
		store(database()).close();
		try (Connection connection = database().getConnection()) {
			LeaseStatements statements = statements();
			statements.prepare(connection);
			for (int refused = 1; refused <= 3; refused++) {
				int statement = refused;
				WatchedConnection watched = new WatchedConnection(connection);
				watched.beforeStatements(() -> {
					if (watched.executed().size() == statement) {
						throw new SQLException("not now", "HY000", 1290);
					}
				});
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statements.acquire(watched.connection(),
						"lease", Long.MAX_VALUE, List.of(new AcquireOrder("key", null, false))));
			}
		}
	}

	@Test
	void aTurnIsThreeStatementsAndAPollIsOne() throws Exception {
		store(database()).close();
		try (Connection connection = database().getConnection()) {
			LeaseStatements statements = statements();
			statements.prepare(connection);
			WatchedConnection watched = new WatchedConnection(connection);
			List<AcquireOrder> orders = List.of(new AcquireOrder("a", null, false), new AcquireOrder("b", null, false));
			List<AcquireResult> taken = statements.acquire(connection, "lease", Long.MAX_VALUE, orders);
			for (int turn = 1; turn <= 2; turn++) {
				statements.release(watched.connection(),
						taken.stream()
							.map((result) -> new ReleaseOrder(result.key(), "lease", ((Granted) result).token()))
							.toList(),
						List.of());
				assertThat(watched.executed()).as("release").hasSize(1);
				watched.executed().clear();
				taken = statements.acquire(watched.connection(), "lease", Long.MAX_VALUE, orders);
				assertThat(taken).allMatch(Granted.class::isInstance);
				assertThat(watched.executed()).as("acquire").hasSize(2);
				watched.executed().clear();
			}
			assertThat(statements.acquire(watched.connection(), "other", Long.MAX_VALUE, orders))
				.allMatch(Busy.class::isInstance);
			assertThat(watched.executed()).as("acquire of what is busy").hasSize(1);
			watched.executed().clear();
			assertThat(statements.look(watched.connection(), List.of("a", "b", "absent")).keys()).hasSize(3);
			assertThat(watched.executed()).as("poll").hasSize(1);
		}
	}

	private LeaseStatements statements() {
		return dialect().statements(new TableNames("app_"), Limits.of(Duration.ofSeconds(10)));
	}

	@ParameterizedTest
	@EnumSource
	void nothingIsSentWithoutALimitToListenForItsAnswer(JdbcDriver driver) throws Exception {
		LeaseStatements statements = dialect().statements(new TableNames("app_"), Limits.of(Duration.ofSeconds(10)));
		for (boolean readOnly : new boolean[] { true, false }) {
			try (Connection connection = JdbcDriver.dataSource(driverUrl(driver)).getConnection()) {
				connection.setReadOnly(readOnly);
				List<String> unlimited = new ArrayList<>();
				Connection watched = (Connection) Proxy.newProxyInstance(MySqlProductContract.class.getClassLoader(),
						new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
							if (!method.getName().endsWith("NetworkTimeout") && connection.getNetworkTimeout() == 0) {
								unlimited.add(method.getName());
							}
							return method.invoke(connection, arguments);
						});
				statements.prepare(watched).undo();
				assertThat(unlimited).isEmpty();
				assertThat(connection.getNetworkTimeout()).isZero();
				assertThat(connection.isReadOnly()).isEqualTo(readOnly);
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "set session sql_mode = ''", "set session sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
			"set session transaction read only", "set session transaction isolation level serializable",
			"set session time_zone = '+12:45'", "set session innodb_lock_wait_timeout = 77", "set autocommit = 0" })
	void sessionIsSetUpForTheStatementsAndPutBack(String setting) throws Exception {
		store(database()).close();
		for (JdbcDriver driver : JdbcDriver.values()) {
			DataSource opening = JdbcDriver.dataSource(driverUrl(driver));
			try (Connection only = opening.getConnection()) {
				try (Statement statement = only.createStatement()) {
					statement.execute(setting);
				}
				List<String> before = settings(only);
				LeaseStatements statements = dialect().statements(new TableNames("app_"),
						Limits.of(Duration.ofSeconds(10)));
				LeaseStatements.Undo undo = statements.prepare(only);
				String lease = "lease-" + driver;
				assertThat(statements.open(only, lease, "it's a \\ holder", 1_000_000).clock()).isPositive();
				assertThat(statements.acquire(only, lease, Long.MAX_VALUE,
						List.of(new AcquireOrder("key-" + driver, null, false))))
					.singleElement()
					.isInstanceOf(Granted.class);
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> statements.acquire(only, lease, Long.MAX_VALUE,
							List.of(new AcquireOrder("k".repeat(201), null, false))))
					.satisfies((ex) -> assertThat(statements.meaning(ex)).isEqualTo(ErrorMeaning.BAD_ROW));
				undo.undo();
				assertThat(settings(only)).isEqualTo(before);
			}
		}
	}

	private String driverUrl(JdbcDriver driver) {
		return (driver == JdbcDriver.MARIADB_CONNECTOR) ? this.url
				: this.url.replace("jdbc:mariadb:", "jdbc:mysql:") + "&sslMode=DISABLED";
	}

	private static List<String> settings(Connection connection) throws SQLException {
		List<String> settings = new ArrayList<>();
		try (Statement statement = connection.createStatement();
				ResultSet row = statement
					.executeQuery("show session variables where variable_name not like '%timestamp%' "
							+ "and variable_name not like '%last%' and variable_name not like '%rand_seed%'")) {
			while (row.next()) {
				settings.add(row.getString(1) + "=" + row.getString(2));
			}
		}
		return settings;
	}

	@ParameterizedTest
	@EnumSource
	void connectionThatIsFlaggedReadOnlyWritesAndIsPutBack(JdbcDriver driver) throws Exception {
		store(database()).close();
		try (Connection connection = JdbcDriver.dataSource(driverUrl(driver)).getConnection()) {
			connection.setReadOnly(true);
			LeaseStatements statements = dialect().statements(new TableNames("app_"),
					Limits.of(Duration.ofSeconds(10)));
			LeaseStatements.Undo undo = statements.prepare(connection);
			assertThat(statements.open(connection, "lease", "holder", 1_000_000).leases()).isOne();
			undo.undo();
			assertThat(connection.isReadOnly()).isTrue();
		}
	}

	@ParameterizedTest
	@EnumSource
	void sessionWhoseClockStandsStillIsRefused(JdbcDriver driver) throws Exception {
		try (Connection connection = JdbcDriver.dataSource(driverUrl(driver)).getConnection()) {
			LeaseStatements statements = dialect().statements(new TableNames("app_"),
					Limits.of(Duration.ofSeconds(10)));
			statements.prepare(connection).undo();
			try (Statement statement = connection.createStatement()) {
				statement.execute("set timestamp = unix_timestamp() - 5");
			}
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> statements.prepare(connection))
				.withMessageContaining("set timestamp");
			try (Statement statement = connection.createStatement()) {
				statement.execute("set timestamp = default");
			}
			statements.prepare(connection).undo();
		}
	}

	@Test
	void serverThatMayBeAReplicaNeverMakesALeaseLookDead() {
		try (JdbcLeaseStore store = store(database())) {
			store.open("lease", "holder", Duration.ofSeconds(10));
			store.acquire("lease", Long.MAX_VALUE, List.of(new AcquireOrder("key", null, false)));
			execute("delete from app_lease", "set global read_only = on");
			try {
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.look(List.of("key")))
					.withMessageContaining("replica")
					.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
			}
			finally {
				execute("set global read_only = off");
			}
			assertThat(store.look(List.of("key")).keys()).singleElement()
				.satisfies((seen) -> assertThat(seen.lease()).isNull());
		}
	}

	/** As a pool may be set to have them. */
	@ParameterizedTest
	@EnumSource
	void statementsMayBePreparedByTheServer(JdbcDriver driver) {
		try (JdbcLeaseStore store = store(JdbcDriver.dataSource(driverUrl(driver) + "&useServerPrepStmts=true"))) {
			store.open("lease", "holder", Duration.ofSeconds(10));
			List<AcquireOrder> orders = List.of(new AcquireOrder("a", null, false),
					new AcquireOrder("b", null, false, Duration.ofMillis(1)));
			for (int turn = 0; turn < 3; turn++) {
				List<ReleaseOrder> granted = store.acquire("lease", Long.MAX_VALUE, orders)
					.stream()
					.map(Granted.class::cast)
					.map((grant) -> new ReleaseOrder(grant.key(), "lease", grant.token(), true))
					.toList();
				assertThat(store.acquire("lease", Long.MAX_VALUE, orders)).hasSize(2).allMatch(Busy.class::isInstance);
				assertThat(store.release(granted, List.of())).isEmpty();
				assertThat(store.renew("lease")).isPresent();
			}
			store.purge(Duration.ofDays(1));
		}
	}

	/** An update would wait for the row of the fenced transaction. */
	@Test
	void rowsThatSomebodyHasLockedHoldUpNeitherAcquireNorReleaseNorPurge() throws Exception {
		try (JdbcLeaseStore store = store(database()); Connection holding = database().getConnection()) {
			store.open("lease", "holder", Duration.ofSeconds(10));
			List<AcquireOrder> orders = List.of(new AcquireOrder("a", null, false), new AcquireOrder("b", null, false),
					new AcquireOrder("c", null, false));
			List<ReleaseOrder> granted = store.acquire("lease", Long.MAX_VALUE, orders)
				.stream()
				.map(Granted.class::cast)
				.map((grant) -> new ReleaseOrder(grant.key(), "lease", grant.token()))
				.toList();
			holding.setAutoCommit(false);
			for (String lock : List.of("lock in share mode", "for update")) {
				try (Statement statement = holding.createStatement()) {
					statement.execute("select token from app_lock where lock_key = 'b' " + lock);
				}
				String waits = rowLockWaits(holding);
				assertThat(store.release(granted, List.of())).containsOnly("b");
				store.purge(Duration.ofDays(1));
				assertThat(store.acquire("lease", Long.MAX_VALUE, orders)).hasSize(3)
					.filteredOn(Busy.class::isInstance)
					.singleElement()
					.satisfies((busy) -> assertThat(busy.key()).isEqualTo("b"));
				assertThat(rowLockWaits(holding)).as("how often anybody has waited for a row").isEqualTo(waits);
				holding.rollback();
				granted = store.look(List.of("a", "b", "c"))
					.keys()
					.stream()
					.map((seen) -> new ReleaseOrder(seen.key(), "lease", seen.token()))
					.toList();
			}
		}
	}

	/** As through a URL that leads reads to a replica. */
	@Test
	void readOnlyTransactionOnAReplicaNeedsNoCheckAndLosesNothing() throws Exception {
		try (JdbcLeaseStore store = store(database()); Connection connection = database().getConnection()) {
			assertThat(store.commitFence().isNeedless(connection)).isFalse();
			execute("set global read_only = on");
			try {
				assertThat(store.commitFence().isNeedless(connection)).isTrue();
			}
			finally {
				execute("set global read_only = off");
			}
		}
	}

	/** As a client of people sets it, in the URL of a pool for example. */
	@Test
	void aLeaseThatASessionDoesNotShowIsNotTakenForDead() throws Exception {
		DataSource few = JdbcDriver.dataSource(this.url + (this.url.contains("?") ? "&" : "?")
				+ "sessionVariables=sql_select_limit=1,sql_safe_updates=1");
		try (JdbcLeaseStore store = store(database()); JdbcLeaseStore looking = store(few)) {
			for (String lease : List.of("one", "two", "three")) {
				store.open(lease, "holder", Duration.ofSeconds(10));
				store.acquire(lease, Long.MAX_VALUE, List.of(new AcquireOrder("key-" + lease, null, false)));
			}
			assertThat(looking.look(List.of("key-one", "key-two", "key-three")).keys()).hasSize(3)
				.allMatch((look) -> look.lease() != null);
			assertThat(looking.purge(Duration.ofDays(1))).isFalse();
		}
	}

	private static String rowLockWaits(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("show global status like 'Innodb_row_lock_waits'")) {
			row.next();
			return row.getString(2);
		}
	}

}
