package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever PostgreSQL knew of the tables when it planned the statements, none about keys
 * reads more of them than the rows it is about.
 */
@Timeout(120)
class PostgresPlanTests {

	private static final int ROWS = 100_000;

	private static final int LEASES = 3_000;

	/** More than it takes until the driver and the server reuse plans. */
	private static final int TIMES = 12;

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	/** What is in the tables, and is known of them, when the statements are planned. */
	enum Known {

		NOTHING("select 1", true),

		A_FEW_ROWS("insert into app_lock values ('x', null, 1, 'x'); insert into app_lease values ('x', 'x', 1, 1, 1);"
				+ "analyze app_lock; analyze app_lease", true),

		THAT_ALL_WERE_PURGED("insert into app_lock select 'x' || g, null, 1, 'x' from generate_series(1, 5000) g;"
				+ "analyze app_lock; delete from app_lock; vacuum analyze app_lock", true),

		NOT_THAT_ROWS_HAVE_COME("select 1", false);

		private final String before;

		private final boolean plansFirst;

		Known(String before, boolean plansFirst) {
			this.before = before;
			this.plansFirst = plansFirst;
		}

	}

	@ParameterizedTest
	@EnumSource
	void noStatementAboutKeysScansATable(Known known) throws InterruptedException {
		JdbcLeaseSchema.of(this.database, "app_", null).createIfMissing();
		execute("alter table app_lock set (autovacuum_enabled = off)");
		execute("alter table app_lease set (autovacuum_enabled = off)");
		for (String statement : known.before.split(";", -1)) {
			execute(statement);
		}
		try (JdbcLeaseStore others = store()) {
			others.open("own", "own", Duration.ofHours(1));
			others.open("other", "other", Duration.ofHours(1));
			others.open("dead", "dead", Duration.ofHours(1));
		}
		Eventually.until("all that was done before is counted",
				() -> single("select count(*) from pg_stat_activity where datname = current_database()") == 1);
		execute("select pg_stat_reset()");
		JdbcLeaseStore store = store();
		if (known.plansFirst) {
			work(store, "before");
		}
		execute("insert into app_lock select 'key-' || g, null, 1, 'x' from generate_series(1, " + ROWS + ") g");
		execute("insert into app_lease select 'lease-' || g, 'x', 1, 1, 1 from generate_series(1, " + LEASES + ") g");
		work(store, "after");
		store.close();
		Eventually.until("the session has reported", () -> number("idx_scan", "app_lock") > TIMES);
		assertThat(number("seq_scan", "app_lock")).isZero();
		// the row that proves the own connection counts the leases
		assertThat(number("seq_scan", "app_lease")).isLessThanOrEqualTo(1);
		assertThat(number("idx_tup_fetch + seq_tup_read", "app_lock")).isLessThan(ROWS / 10);
		assertThat(numberOfEntries("app_lock_pkey")).isLessThan(ROWS / 10);
		// a statement that walks them all does so each time
		assertThat(number("idx_tup_fetch + seq_tup_read", "app_lease")).isLessThan(TIMES / 2 * LEASES);
		assertThat(numberOfEntries("app_lease_pkey")).isLessThan(TIMES / 2 * LEASES);
	}

	/** Every way in which an acquire, a look and a release can go, in both sizes. */
	private void work(JdbcLeaseStore store, String prefix) {
		for (int i = 0; i < TIMES; i++) {
			String one = prefix + "-one-" + i;
			List<String> many = List.of(prefix + "-a-" + i, prefix + "-b-" + i, prefix + "-c-" + i);
			List<AcquireResult> absent = acquire(store, "own", null, many);
			assertThat(absent).hasOnlyElementsOfType(Granted.class);
			List<AcquireResult> single = acquire(store, "own", null, List.of(one));
			assertThat(acquire(store, "other", null, many)).hasOnlyElementsOfType(Busy.class);
			assertThat(acquire(store, "other", "dead", many)).hasOnlyElementsOfType(Busy.class);
			assertThat(acquire(store, "other", null, List.of(one))).hasOnlyElementsOfType(Busy.class);
			release(store, "own", absent);
			release(store, "own", single);
			release(store, "other", acquire(store, "other", null, many));
			List<AcquireResult> free = acquire(store, "dead", null, List.of(one));
			release(store, "own", acquire(store, "own", "dead", List.of(one)));
			assertThat(free).hasOnlyElementsOfType(Granted.class);
			assertThat(store.look(many).keys()).hasSize(3);
			assertThat(store.look(List.of(one)).keys()).hasSize(1);
		}
	}

	private static List<AcquireResult> acquire(LeaseStore store, String lease, @Nullable String dead,
			List<String> keys) {
		return store.acquire(lease, Long.MAX_VALUE,
				keys.stream().map((key) -> new AcquireOrder(key, dead, true)).toList());
	}

	private static void release(LeaseStore store, String lease, List<AcquireResult> results) {
		assertThat(results).hasOnlyElementsOfType(Granted.class);
		List<ReleaseOrder> orders = new ArrayList<>();
		results.forEach((result) -> orders.add(new ReleaseOrder(result.key(), lease, ((Granted) result).token())));
		assertThat(store.release(orders, List.of())).isEmpty();
	}

	private JdbcLeaseStore store() {
		return JdbcLeaseStore.builder(this.database).tablePrefix("app_").ownConnections(this.database).build();
	}

	private void execute(String sql) {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private long number(String columns, String table) {
		return single("select " + columns + " from pg_stat_user_tables where relname = '" + table + "'");
	}

	private long numberOfEntries(String index) {
		return single("select idx_tup_read from pg_stat_user_indexes where indexrelname = '" + index + "'");
	}

	private long single(String sql) {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getLong(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
