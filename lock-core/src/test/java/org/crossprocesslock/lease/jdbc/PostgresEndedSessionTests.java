package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Calls of a single attempt around the moment at which a server ends every session. */
@Timeout(120)
class PostgresEndedSessionTests {

	private static final int TRIES = 6;

	private static final int POOL = 5;

	private static final String END_SESSIONS = """
			select pg_terminate_backend(pid) from pg_stat_activity
			where datname = current_database() and pid <> pg_backend_pid()""";

	/** In which no statement that waits for the test is ended by its limits. */
	private static final LeaseOptions PATIENT = LeaseOptions.defaults().withLeaseDuration(Duration.ofMinutes(5));

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

	private static LockManager manager(JdbcLeaseStore.Builder store) {
		return manager(store, LeaseOptions.defaults());
	}

	private static LockManager manager(JdbcLeaseStore.Builder store, LeaseOptions options) {
		JdbcLeaseStore built = store.leaseDuration(options.leaseDuration()).build();
		return new LeaseLockManager(built, options, "ended", new LockListener() {
		});
	}

	private LockManager own() {
		return own(LeaseOptions.defaults());
	}

	private LockManager own(LeaseOptions options) {
		return manager(JdbcLeaseStore.builder(this.database).ownConnections(this.database), options);
	}

	/** Does not wait until they are gone. */
	private void endSessions() throws SQLException {
		execute(END_SESSIONS);
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/** So many that a pool does not look whether they are alive before it gives them. */
	private static int useAll(HikariDataSource pool) throws SQLException {
		List<Connection> all = new ArrayList<>();
		for (int i = 0; i < POOL; i++) {
			all.add(pool.getConnection());
		}
		for (Connection connection : all) {
			connection.close();
		}
		return all.size();
	}

	private void everyCallIsGranted(LockManager manager, Callable<?> before, int millis) throws Exception {
		List<String> outcomes = new ArrayList<>();
		for (int i = 0; i < TRIES; i++) {
			manager.lock("known", Eventually.LIMIT).close();
			before.call();
			endSessions();
			Thread.sleep(millis);
			outcomes.add(outcome(manager, (i % 2 == 0) ? "known" : "new-" + i));
		}
		assertThat(outcomes).as("outcomes %d ms after the end", millis).hasSize(TRIES).containsOnly("granted");
	}

	private static String outcome(LockManager manager, String key) {
		try {
			Optional<LockGuard> guard = manager.tryLock(key);
			guard.ifPresent(LockGuard::close);
			return guard.isPresent() ? "granted" : "busy";
		}
		catch (RuntimeException ex) {
			return ex.toString();
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 20, 100 })
	void singleAttemptOnOwnConnectionsIsGranted(int millis) throws Exception {
		try (LockManager manager = own()) {
			everyCallIsGranted(manager, () -> true, millis);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 20, 100 })
	void singleAttemptIsGrantedWhileThePoolHasOnlyConnectionsThatWereEnded(int millis) throws Exception {
		try (HikariDataSource pool = StrictPool.of(this.database, POOL);
				LockManager manager = manager(JdbcLeaseStore.builder(pool))) {
			everyCallIsGranted(manager, () -> useAll(pool), millis);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 20, 100 })
	void firstCallOfAProcessIsGranted(int millis) throws Exception {
		for (int i = 0; i < TRIES; i++) {
			try (HikariDataSource pool = StrictPool.of(this.database, POOL);
					LockManager manager = manager((i % 2 == 0) ? JdbcLeaseStore.builder(pool)
							: JdbcLeaseStore.builder(pool).ownConnections(this.database))) {
				useAll(pool);
				endSessions();
				Thread.sleep(millis);
				assertThat(outcome(manager, "first")).isEqualTo("granted");
			}
		}
	}

	/** While the acquire has the row, and while it is committed, late. */
	@ParameterizedTest
	@CsvSource({ "create,false", "create,true", "take,false", "take,true" })
	@Tag("full")
	void sessionThatIsEndedWhileItAcquiresLeavesNothingBehind(String statement, boolean deferred) throws Exception {
		execute("""
				create function slow() returns trigger language plpgsql as $$
				begin if new.lease_id is not null then perform pg_advisory_xact_lock_shared(1); end if; return new; end $$""");
		execute("create " + (deferred ? "constraint" : "") + " trigger slow " + (deferred ? "after" : "before") + " "
				+ (statement.equals("take") ? "update" : "insert") + " on cross_process_lock "
				+ (deferred ? "deferrable initially deferred" : "") + " for each row execute function slow()");
		try (LockManager manager = own(PATIENT);
				LockManager other = own(PATIENT);
				Connection ending = this.database.getConnection();
				Statement end = ending.createStatement()) {
			if (statement.equals("take")) {
				manager.lock("slow", Eventually.LIMIT).close();
			}
			other.lock("other", Eventually.LIMIT).close();
			for (int i = 0; i < 2; i++) {
				boolean waits = i % 2 == 1;
				end.execute("select pg_advisory_lock(1)");
				Background<Optional<LockGuard>> attempt = Background
					.call(() -> waits ? Optional.of(manager.lock("slow", Eventually.LIMIT)) : manager.tryLock("slow"));
				Eventually.until("it waits in the server", this::waits);
				end.execute(END_SESSIONS);
				end.execute("select pg_advisory_unlock(1)");
				Optional<LockGuard> guard = attempt.join();
				assertThat(guard).isPresent();
				assertThat(other.tryLock("slow")).isEmpty();
				guard.orElseThrow().checkHeld();
				guard.orElseThrow().close();
				other.lock("slow", Duration.ofSeconds(10)).close();
				if (statement.equals("create")) {
					execute("delete from cross_process_lock where lock_key = 'slow'");
				}
			}
		}
	}

	private boolean waits() {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement();
				var rows = statement.executeQuery(
						"select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'")) {
			return rows.next();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void heldKeyIsFoundBusyAndNeverFree() throws Exception {
		try (LockManager holder = own();
				LockManager manager = own();
				LockGuard held = holder.lock("held", Eventually.LIMIT)) {
			for (int i = 0; i < TRIES; i++) {
				manager.lock("known", Eventually.LIMIT).close();
				endSessions();
				assertThat(outcome(manager, "held")).isEqualTo("busy");
			}
			held.checkHeld();
		}
	}

	/** What another process hears of it is there in time. */
	@Test
	void releaseOnASessionThatWasEndedFreesTheKeyForAnother() throws Exception {
		try (LockManager manager = own(); LockManager other = own()) {
			for (int i = 0; i < TRIES; i++) {
				LockGuard held = manager.lock("key", Eventually.LIMIT);
				endSessions();
				held.close();
				other.lock("key", Duration.ofSeconds(10)).close();
			}
		}
	}

}
