package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.engine.TickedTimeSource;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.LeaseStore.Unanswered;
import org.crossprocesslock.lease.Notice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Statements of one call that fail after others of it, or because of what they carry. */
class PostgresPartialAcquireTests {

	private static final String FINE = "";

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	/** What becomes of the next statements: a state that fails one, or {@link #FINE}. */
	private final Deque<String> fates = new ArrayDeque<>();

	private JdbcLeaseStore store;

	private int opened;

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		this.store = JdbcLeaseStore.builder(this.database).ownConnections(DataSources.of(this::open)).build();
		this.store.open("lease", "holder", Duration.ofSeconds(10));
		Granted there = grant("there");
		this.store.release(List.of(new ReleaseOrder("there", "lease", there.token(), false)), List.of());
	}

	@AfterEach
	void close() {
		this.store.close();
	}

	private Connection open() throws SQLException {
		this.opened++;
		WatchedConnection watched = new WatchedConnection(this.database.getConnection());
		watched.beforeStatements(() -> {
			String fate = this.fates.isEmpty() ? FINE : this.fates.remove();
			if (!fate.equals(FINE)) {
				throw new SQLException("as told", fate);
			}
		});
		return watched.connection();
	}

	private Granted grant(String key) {
		return (Granted) Objects.requireNonNull(acquire(key).get(key));
	}

	private Map<String, AcquireResult> acquire(String... keys) {
		return this.store
			.acquire("lease", Long.MAX_VALUE,
					List.of(keys).stream().map((key) -> new AcquireOrder(key, null, true, Duration.ZERO)).toList())
			.stream()
			.collect(Collectors.toMap(AcquireResult::key, Function.identity()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "53100", "25006", "0A000", "26000" })
	void whatWasTakenIsAnsweredWhenTheRestIsRefused(String state) {
		int before = this.opened;
		this.fates.addAll(List.of(FINE, state));
		Map<String, AcquireResult> results = acquire("there", "absent");
		assertThat(results.get("there")).isInstanceOf(Granted.class);
		assertThat(results.get("absent")).isInstanceOf(Failed.class);
		assertThat(acquire("absent").get("absent")).isInstanceOf(Granted.class);
		assertThat(this.opened).as("the connection was dropped").isGreaterThan(before);
	}

	@ParameterizedTest
	@ValueSource(strings = { "08006", "57P01", "XX000" })
	void whatWasTakenIsAnsweredWhenNobodyKnowsOfTheRest(String state) {
		this.fates.addAll(List.of(FINE, state));
		Map<String, AcquireResult> results = acquire("there", "absent");
		assertThat(results.get("there")).isInstanceOf(Granted.class);
		assertThat(results.get("absent")).isInstanceOfSatisfying(Unanswered.class,
				(unanswered) -> assertThat(unanswered.failure().isPermanent()).isFalse());
		assertThat(acquire("absent").get("absent")).isInstanceOf(Granted.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "22001", "40P01" })
	void oneKeyThatFailsLeavesTheOthers(String state) {
		// the rollback is a statement too
		this.fates.addAll(List.of(FINE, state, FINE, state, FINE));
		Map<String, AcquireResult> results = acquire("there", "first", "second");
		assertThat(results.get("there")).isInstanceOf(Granted.class);
		assertThat(results.get("first")).isInstanceOf(Failed.class);
		assertThat(results.get("second")).isInstanceOf(Granted.class);
	}

	/**
	 * Each key that somebody inserts takes its time, and nobody has asked for the last.
	 */
	@Test
	void aKeyForWhichNoTimeIsLeftIsNotBusy() throws Exception {
		String[] inserted = IntStream.range(10, 42).mapToObj((i) -> "inserted" + i).toArray(String[]::new);
		try (Connection inserting = this.database.getConnection();
				PreparedStatement insert = inserting
					.prepareStatement("insert into cross_process_lock (lock_key, token) values (?, 1)")) {
			inserting.setAutoCommit(false);
			for (String key : inserted) {
				insert.setString(1, key);
				insert.executeUpdate();
			}
			Map<String, AcquireResult> results = acquire(
					Stream.concat(Stream.of(inserted), Stream.of("last")).toArray(String[]::new));
			assertThat(results.get(inserted[0])).isInstanceOf(Busy.class);
			assertThat(results.get("last")).isInstanceOfSatisfying(Failed.class,
					(failed) -> assertThat(failed.failure().isPermanent()).isFalse());
		}
		assertThat(acquire("last").get("last")).isInstanceOf(Granted.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "54000", "55P03" })
	void noticesThatFailDoNotFailAnAcquire(String state) {
		this.fates.add(state);
		assertThat(acquire("there").get("there")).isInstanceOf(Granted.class);
	}

	@Test
	void aFullQueueDoesNotFailANewKey() {
		this.fates.addAll(List.of(FINE, "54000"));
		assertThat(acquire("absent").get("absent")).isInstanceOf(Granted.class);
	}

	@ParameterizedTest
	@ValueSource(strings = { "54000", "55P03" })
	void noticesThatFailDoNotFailARelease(String state) {
		Granted granted = grant("there");
		Notice notice = new Notice("other", "lease", Notice.Kind.FREE, "there", List.of());
		this.fates.add(state);
		assertThat(this.store.release(List.of(new ReleaseOrder("there", "lease", granted.token(), false)),
				List.of(notice)))
			.isEqualTo(Set.of());
		assertThat(this.store.look(List.of("there")).keys().get(0).leaseId()).isNull();
		this.fates.add(state);
		this.store.release(List.of(), List.of(notice));
	}

	@Test
	void afterAFullQueueNothingIsToldForAMinute() throws Exception {
		TickedTimeSource time = new TickedTimeSource();
		NoticesCarried notices = new NoticesCarried(time, (ex) -> ErrorMeaning.of(ex, ErrorMeaning.POSTGRESQL));
		assertThat(notices.<Boolean>with(true, (told) -> told)).isTrue();
		try (BrokenLog log = new BrokenLog(NoticesCarried.class)) {
			assertThat(notices.<Boolean>with(true, PostgresPartialAcquireTests::full)).isFalse();
			assertThat(log.asked()).containsExactly("WARN");
		}
		assertThat(notices.<Boolean>with(true, (told) -> told)).isFalse();
		time.pass(Duration.ofMinutes(1).plusNanos(1));
		assertThat(notices.<Boolean>with(true, (told) -> told)).isTrue();
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> notices.with(false, (told) -> {
			throw new SQLException("locked", "55P03");
		}));
	}

	private static boolean full(boolean told) throws SQLException {
		if (told) {
			throw new SQLException("too many notifications in the NOTIFY queue", "54000");
		}
		return false;
	}

}
