package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.LockStoreException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** What {@link JdbcLeaseSchema} does on every database. */
abstract class JdbcLeaseSchemaContract {

	private static final AtomicInteger prefixes = new AtomicInteger();

	private final String prefix = "s" + prefixes.incrementAndGet() + "_";

	abstract DataSource database();

	/** Connects as a user who may connect and no more. */
	abstract DataSource withoutRights();

	private JdbcLeaseSchema schema() {
		return JdbcLeaseSchema.of(database(), this.prefix, null);
	}

	/** Not every driver takes several statements at once. */
	private void executeScript(String script) {
		Arrays.stream(script.split(";")).filter((sql) -> !sql.isBlank()).forEach(this::execute);
	}

	final void execute(String sql) {
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void tablesExistOnceTheyAreCreated() {
		assertThat(schema().exists()).isFalse();
		schema().createIfMissing();
		assertThat(schema().exists()).isTrue();
		schema().createIfMissing();
	}

	@Test
	void aStartFindsWhetherTheTablesAreThereWithAllColumns() {
		assertThat(schema().condition().exists()).isFalse();
		schema().createIfMissing();
		assertThat(schema().condition()).isEqualTo(new JdbcLeaseSchema.Condition(List.of(), true, List.of()));
		execute("alter table " + this.prefix + "lock drop column previous_lease_id");
		assertThat(schema().condition()).isEqualTo(new JdbcLeaseSchema.Condition(List.of(), false, List.of()));
		execute("drop table " + this.prefix + "lock");
		assertThat(schema().condition().exists()).isFalse();
	}

	@Test
	void oneMissingTableIsCreated() {
		schema().createIfMissing();
		execute("drop table " + this.prefix + "lock");
		assertThat(schema().exists()).isFalse();
		schema().createIfMissing();
		assertThat(schema().exists()).isTrue();
	}

	@Test
	void shownStatementsCreateTheTables() {
		assertThat(schema().ddl())
			.contains("create table if not exists " + this.prefix + "lease",
					"create table if not exists " + this.prefix + "lock")
			.doesNotContain("${");
		executeScript(schema().ddl());
		assertThat(schema().exists()).isTrue();
	}

	@Test
	void tableWithoutTheColumnsIsNoTableAndIsLeftAlone() {
		execute("create table " + this.prefix + "lock (lock_key varchar(200) primary key)");
		assertThat(schema().exists()).isFalse();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> schema().createIfMissing())
			.withMessageContaining(this.prefix + "lock")
			.satisfies((ex) -> assertThat(ex.isPermanent()).isTrue());
	}

	@Test
	void manyProcessesCreateTheTablesAtOnce() throws Exception {
		int processes = 16;
		CyclicBarrier start = new CyclicBarrier(processes);
		ExecutorService executor = Executors.newFixedThreadPool(processes);
		try {
			for (int round = 0; round < 5; round++) {
				String racedPrefix = this.prefix + round + "_";
				List<Callable<Boolean>> tasks = new ArrayList<>();
				for (int i = 0; i < processes; i++) {
					tasks.add(() -> {
						JdbcLeaseSchema schema = JdbcLeaseSchema.of(database(), racedPrefix, null);
						start.await();
						schema.createIfMissing();
						return schema.exists();
					});
				}
				for (Future<Boolean> exists : executor.invokeAll(tasks)) {
					assertThat(exists.get()).isTrue();
				}
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	@Test
	void whatMakesWayForAnotherProcessIsAskedAgain() {
		AtomicInteger left = new AtomicInteger();
		DataSource crowded = DataSources.of(() -> {
			WatchedConnection watched = new WatchedConnection(database().getConnection());
			watched.beforeStatements(() -> {
				if (left.getAndDecrement() == 0) {
					throw new SQLException("made way", "40001");
				}
			});
			return watched.connection();
		});
		for (int statement = 0; statement < 12; statement++) {
			left.set(statement);
			JdbcLeaseSchema.of(crowded, this.prefix, null).createIfMissing();
			assertThat(schema().exists()).isTrue();
		}
	}

	@Test
	void missingRightsAreAPermanentErrorWithItsCause() {
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(withoutRights(), this.prefix, null);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(schema::createIfMissing)
			.withMessageContaining("Could not create tables")
			.withCauseInstanceOf(SQLException.class)
			.satisfies((ex) -> assertThat(ex.isPermanent()).isTrue());
		assertThat(schema().exists()).isFalse();
	}

	@Test
	void eachMissingRightIsFoundWithoutWritingAndMendedByTheStatementThatIsShown() {
		DataSource guest = withoutRights();
		schema().createIfMissing();
		for (String table : List.of("lease", "lock")) {
			for (String right : List.of("select", "insert", "update", "delete")) {
				for (String each : List.of("lease", "lock")) {
					execute("grant select, insert, update, delete on " + this.prefix + each + " to guest");
				}
				assertThat(JdbcLeaseSchema.of(guest, this.prefix, null).missingGrants()).isEmpty();
				execute("revoke " + right + " on " + this.prefix + table + " from guest");
				JdbcLeaseSchema schema = JdbcLeaseSchema.of(guest, this.prefix, null);
				assertThat(schema.missingGrants()).singleElement()
					.asString()
					.startsWith("grant ")
					.contains(right)
					.containsIgnoringCase(this.prefix + table);
				execute(schema.missingGrants().get(0));
				assertThat(schema.missingGrants()).isEmpty();
				assertThat(schema.exists()).isTrue();
			}
		}
	}

	@Test
	void missingPrimaryKeyIsFoundAndMendedByTheStatementThatIsShown() {
		for (String table : List.of("lease", "lock")) {
			String name = this.prefix + table;
			executeScript(schema().ddl().replaceAll("(" + name + " \\([^;]*?) primary key", "$1"));
			JdbcLeaseSchema schema = schema();
			assertThat(schema.exists()).isTrue();
			String column = table.equals("lock") ? "lock_key" : "lease_id";
			assertThat(schema.missingKeys()).singleElement()
				.asString()
				.containsIgnoringCase(name)
				.endsWith("add primary key (" + column + ")");
			assertThatIllegalStateException()
				.isThrownBy(() -> JdbcLeaseStore.builder(database()).tablePrefix(this.prefix).build())
				.withMessageContaining(schema.missingKeys().get(0));
			assertThatIllegalStateException()
				.isThrownBy(() -> JdbcLeaseStore.builder(database()).schema(schema).build());
			execute("create unique index " + name + "_wide on " + name + " (" + column + ", "
					+ (table.equals("lock") ? "token" : "holder") + ")");
			execute("create index " + name + "_plain on " + name + " (" + column + ")");
			assertThat(schema.missingKeys()).hasSize(1);
			execute(schema.missingKeys().get(0));
			assertThat(schema.missingKeys()).isEmpty();
			JdbcLeaseStore.builder(database()).tablePrefix(this.prefix).build().close();
			execute("drop table " + this.prefix + "lease");
			execute("drop table " + this.prefix + "lock");
		}
		assertThat(schema().missingKeys()).isEmpty();
	}

	@Test
	void uniqueIndexDoesForAPrimaryKey() {
		executeScript(schema().ddl().replace(" primary key", ""));
		assertThat(schema().missingKeys()).hasSize(2);
		execute("create unique index " + this.prefix + "one on " + this.prefix + "lease (lease_id)");
		execute("create unique index " + this.prefix + "two on " + this.prefix + "lock (lock_key)");
		assertThat(schema().missingKeys()).hasSize(uniqueIndexDoes() ? 0 : 2);
	}

	/** Whether a unique index is as good as a primary key. */
	boolean uniqueIndexDoes() {
		return true;
	}

	@Test
	void rightsOnMissingTablesAreNotMissing() {
		assertThat(schema().missingGrants()).isEmpty();
		assertThat(JdbcLeaseSchema.of(database(), "nowhere." + this.prefix, null).missingGrants()).isEmpty();
	}

	@Test
	void lackOfARightWhileRunningNamesTheGrant() {
		DataSource guest = withoutRights();
		schema().createIfMissing();
		execute("grant select on " + this.prefix + "lease to guest");
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(guest).tablePrefix(this.prefix).build()) {
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"))
				.withMessageContaining("grant select, insert, update, delete on ")
				.satisfies((ex) -> assertThat(ex.isPermanent()).isTrue());
		}
	}

	@Test
	void missingSchemaIsAPermanentErrorWithItsCause() {
		JdbcLeaseSchema schema = JdbcLeaseSchema.of(database(), "nowhere." + this.prefix, null);
		assertThat(schema.exists()).isFalse();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(schema::createIfMissing)
			.satisfies((ex) -> assertThat(ex.isPermanent()).isTrue());
	}

	@Test
	void tablesMayBeInASchema() {
		execute("create schema " + this.prefix + "app");
		String inSchema = this.prefix + "app.lock_";
		JdbcLeaseSchema.of(database(), inSchema, null).createIfMissing();
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(database()).tablePrefix(inSchema).build()) {
			assertThat(store.renew("lease")).isEmpty();
			execute("drop table " + inSchema + "lease");
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"))
				.withMessageContaining("table " + inSchema + "lease is missing");
		}
	}

	@Test
	void poolWithoutAutocommitIsFine() {
		try (HikariDataSource pool = StrictPool.of(database(), 1)) {
			JdbcLeaseSchema.of(pool, this.prefix, null).createIfMissing();
		}
		assertThat(schema().exists()).isTrue();
	}

}
