package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.StoreInspection;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStoreContract;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The contract on tables, and what their users see of SQL. */
abstract class JdbcLeaseStoreContract extends LeaseStoreContract {

	static final TableNames TABLES = new TableNames("app_");

	/** An unpooled DataSource of the database of this class. */
	abstract DataSource database();

	/** How a transaction that commits under the lock holds the row. */
	abstract String lockClause();

	/** Has the session be in another time zone than anything else. */
	String setTimeZone() {
		return "set time zone 'Pacific/Auckland'";
	}

	@BeforeEach
	void createEmptyTables() {
		execute("drop table if exists app_lock");
		execute("drop table if exists app_lease");
		JdbcLeaseSchema.of(database(), TABLES.prefix(), null).createIfMissing();
	}

	@Override
	protected LeaseStore newStore(Duration leaseDuration) {
		return builder(leaseDuration).ownConnections(database()).build();
	}

	final JdbcLeaseStore.Builder builder(Duration leaseDuration) {
		return JdbcLeaseStore.builder(database()).tablePrefix(TABLES.prefix()).leaseDuration(leaseDuration);
	}

	@Override
	protected long clockMicros() {
		// the database is on this machine
		return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
	}

	@Override
	protected void expire(String leaseId) {
		execute("update app_lease set expires_at = expires_at - duration - 1000000 where lease_id = ?", leaseId);
	}

	@Override
	protected void setToken(String key, long token) {
		execute("update app_lock set token = ? where lock_key = ?", token, key);
	}

	@Override
	protected void moveKept(String key, Duration by) {
		execute("update app_lock set kept_until = kept_until + ? where lock_key = ?", by.toNanos() / 1000, key);
	}

	@Override
	protected AutoCloseable lockRow(String key) {
		try {
			Connection connection = database().getConnection();
			connection.setAutoCommit(false);
			try (PreparedStatement statement = connection
				.prepareStatement("select token from app_lock where lock_key = ? " + lockClause())) {
				statement.setString(1, key);
				try (ResultSet row = statement.executeQuery()) {
					assertThat(row.next()).isTrue();
				}
			}
			return () -> {
				connection.rollback();
				connection.close();
			};
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	final void execute(String sql, Object... parameters) {
		try (Connection connection = database().getConnection();
				PreparedStatement statement = connection.prepareStatement(sql)) {
			LeaseStatements.bind(statement, parameters);
			statement.execute();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void keyThatSomebodyElseIsCreatingIsBusyAndDoesNotHoldUpRenewals() throws Exception {
		LeaseStore store = store();
		String lease = openLease(store);
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try (Connection creating = database().getConnection()) {
			creating.setAutoCommit(false);
			try (Statement statement = creating.createStatement()) {
				statement.execute("insert into app_lock (lock_key, token) values ('k', 1)");
			}
			Future<List<AcquireResult>> acquiring = executor.submit(() -> acquire(store, lease, "k"));
			for (int renewals = 0; renewals < 4 || !acquiring.isDone(); renewals++) {
				assertThat(store.renew(lease)).isPresent();
			}
			assertThat(acquiring.get()).singleElement().satisfies((result) -> {
				if (result instanceof Failed failed) {
					assertThat(failed.failure().isPermanent()).isFalse();
				}
				else {
					assertThat(result).isInstanceOf(Busy.class);
				}
			});
		}
		finally {
			executor.shutdownNow();
		}
		grant(store, lease, "k");
	}

	@Test
	void missingTableIsNamedAndPermanent() {
		LeaseStore store = store();
		execute("drop table app_lock");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire(store, "some-lease", "k"))
			.withMessageContaining("Could not acquire key 'k'")
			.withMessageContaining("table app_lock is missing")
			.withMessageContaining("cross-process-lock.jdbc.initialize-schema")
			.withCauseInstanceOf(SQLException.class)
			.satisfies((ex) -> assertThat(ex.isPermanent()).isTrue());
		StoreInspection inspection = store.inspection().orElseThrow();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> inspection.look("k"))
			.satisfies((ex) -> assertThat(ex.isPermanent()).isTrue());
		execute("drop table app_lease");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("some-lease"))
			.withMessageContaining("table app_lease is missing")
			.satisfies((ex) -> assertThat(ex.isPermanent()).isTrue());
	}

	@Test
	void storeRecoversWhenTheTableIsBack() {
		LeaseStore store = store();
		execute("drop table app_lease");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> openLease(store));
		JdbcLeaseSchema.of(database(), TABLES.prefix(), null).createIfMissing();
		grant(store, openLease(store), "k");
	}

	@Test
	void statementsAreTheSameInEveryLanguage() {
		Locale before = Locale.getDefault();
		try {
			Locale.setDefault(Locale.forLanguageTag("fa-IR"));
			LeaseStore store = store();
			String leaseId = openLease(store);
			release(store, leaseId, grant(store, leaseId, "k"));
			store.purge(Duration.ZERO);
			assertThat(look(store, "k").token()).isZero();
		}
		finally {
			Locale.setDefault(before);
		}
	}

	@Test
	void timesAreTheSameInEveryZone() {
		TimeZone before = TimeZone.getDefault();
		try {
			TimeZone.setDefault(TimeZone.getTimeZone("Asia/Kolkata"));
			LeaseStore store = store();
			String lease = openLease(store);
			long start = clockMicros();
			assertThat(grant(store, lease, "k").token()).isBetween(start, start + LEASE.toMillis() * 1000);
			TimeZone.setDefault(TimeZone.getTimeZone("America/St_Johns"));
			DataSource inZone = DataSources.of(() -> {
				Connection connection = database().getConnection();
				try (Statement statement = connection.createStatement()) {
					statement.execute(setTimeZone());
				}
				return connection;
			});
			try (LeaseStore elsewhere = JdbcLeaseStore.builder(inZone).tablePrefix(TABLES.prefix()).build()) {
				assertThat(elsewhere.renew(lease)).isPresent();
				Granted grant = grant(elsewhere, openLease(elsewhere), "other");
				assertThat(grant.token()).isBetween(start, start + LEASE.toMillis() * 1000);
				assertThat(elsewhere.reap(lease)).isFalse();
			}
			assertThat(look(store, "k").lease()).isNotNull()
				.satisfies((seen) -> assertThat(seen.remaining()).isBetween(Duration.ZERO, LEASE));
		}
		finally {
			TimeZone.setDefault(before);
		}
	}

	@Test
	void rowsThatBreakTheRulesAreRefusedByTheTables() {
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> execute("insert into app_lock (lock_key, token) values ('k', 0)"));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> execute("insert into app_lock (lock_key, token) values ('k', null)"));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> execute("insert into app_lease (lease_id, holder, expires_at, duration, renewals) "
					+ "values ('l', 'h', 1, 0, 0)"));
	}

	@Test
	void keysThatDifferInCaseOrBlanksAtTheEndAreDifferentKeys() {
		LeaseStore store = store();
		String lease = openLease(store);
		assertThat(acquire(store, lease, "K", "K ", "k", "k ")).hasSize(4).allMatch(Granted.class::isInstance);
		assertThat(acquire(store, lease, "k  ")).singleElement().isInstanceOf(Granted.class);
		assertThat(look(store, "k   ").leaseId()).isNull();
	}

	@Test
	void aKeyThatSomebodyInsertsWithoutCommittingHoldsUpNoOther() throws Exception {
		LeaseStore store = store();
		String lease = openLease(store);
		release(store, lease, grant(store, lease, "free"));
		try (Connection connection = database().getConnection(); Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			statement.execute("insert into app_lock (lock_key, token) values ('inserted', 1)");
			long started = System.nanoTime();
			List<AcquireResult> results = acquire(store, lease, "absent", "free", "inserted", "new");
			assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(store.answerLimit());
			assertThat(results).filteredOn(Granted.class::isInstance)
				.extracting(AcquireResult::key)
				.containsExactlyInAnyOrder("absent", "free", "new");
			assertThat(results).filteredOn(Busy.class::isInstance)
				.extracting(AcquireResult::key)
				.containsExactly("inserted");
		}
	}

	@Test
	void longHolderLabelIsCut() {
		LeaseStore store = store();
		String lease = openLease(store, "x".repeat(1000));
		grant(store, lease, "k");
		assertThat(look(store, "k").lease()).isNotNull()
			.satisfies((seen) -> assertThat(seen.holder()).isEqualTo("x".repeat(200)));
	}

}
