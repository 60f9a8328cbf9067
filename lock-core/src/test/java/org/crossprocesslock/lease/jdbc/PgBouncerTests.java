package org.crossprocesslock.lease.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.Background;
import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A real proxy that gives each transaction another session, and knows nothing of prepared
 * statements, between the library and PostgreSQL. An application tells its driver so by
 * {@code prepareThreshold=0}; what fails without that must be its own statements only.
 */
@Tag("full")
@Timeout(120)
class PgBouncerTests {

	private static final LeaseOptions OPTIONS = LeaseOptions.defaults()
		.withLease(Duration.ofSeconds(30), Duration.ofSeconds(2));

	private static final Duration WORK = Duration.ofSeconds(2);

	private static final List<String> KEYS = List.of("key-a", "key-b");

	/** Who is to have which key. */
	private static final List<String> PAIRS = List.of("first key-a", "first key-b", "second key-a", "second key-b");

	private static final int WORKERS = 3;

	private static final String UNNAMED = "&prepareThreshold=0";

	/** Enough for statements to get a name, with the threshold of the driver. */
	private static final int TIMES = 10;

	/** Taken or missing, or that of a statement with other parameters. */
	private static final Set<String> MIXED_UP = Set.of("42P05", "26000", "08P01");

	/** What comes of the transaction that was under way. */
	private static final Set<String> THEREFORE = Set.of("25P01", "25P02", "08003", "08006", "57P01");

	private final PGSimpleDataSource database = (PGSimpleDataSource) EmbeddedPostgresServer.newDatabase();

	private final CapturedLog log = new CapturedLog();

	private final Queue<String> mistakes = new ConcurrentLinkedQueue<>();

	private final Queue<SQLException> failuresOfApplication = new ConcurrentLinkedQueue<>();

	private final Map<String, AtomicInteger> inside = new ConcurrentHashMap<>();

	private final Map<String, Long> tokens = new ConcurrentHashMap<>();

	private final Set<String> sections = ConcurrentHashMap.newKeySet();

	private final AtomicInteger commits = new AtomicInteger();

	/** In the order in which they were started. */
	private final Deque<AutoCloseable> open = new ArrayDeque<>();

	private Path directory;

	@BeforeEach
	void createTables(@TempDir Path directory) throws SQLException {
		this.directory = directory;
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("create table ledger (lock_key varchar(100), n bigint)");
		}
	}

	@AfterEach
	void stop() throws Exception {
		while (!this.open.isEmpty()) {
			this.open.removeLast().close();
		}
		this.log.close();
	}

	private PgBouncer bouncer(int sessions) throws Exception {
		PgBouncer bouncer = PgBouncer.start(this.database, sessions, this.directory);
		this.open.add(bouncer);
		return bouncer;
	}

	private Member member(String name, PGSimpleDataSource dataSource, boolean ownConnections) {
		Member member = new Member(name, dataSource, ownConnections);
		this.open.add(member);
		return member;
	}

	@ParameterizedTest
	@CsvSource({ "true, true", "true, false", "false, true", "false, false" })
	void locksWorkThroughIt(boolean unnamed, boolean ownConnections) throws Exception {
		PGSimpleDataSource proxied = bouncer(3).dataSource(unnamed ? UNNAMED : "");
		List<Member> members = List.of(member("first", proxied, ownConnections),
				member("second", proxied, ownConnections));
		long end = System.nanoTime() + WORK.toNanos();
		List<Background<?>> workers = new ArrayList<>();
		for (Member member : members) {
			for (int i = 0; i < WORKERS; i++) {
				workers.add(Background.call(() -> {
					work(member, end, unnamed);
					return null;
				}));
			}
		}
		for (Background<?> worker : workers) {
			worker.join();
		}
		assertThat(this.mistakes).isEmpty();
		assertThat(this.sections).as("who has had which key").containsExactlyInAnyOrderElementsOf(PAIRS);
		assertThat(this.log.errors()).isEmpty();
		if (unnamed) {
			assertThat(this.failuresOfApplication).isEmpty();
			assertThat(this.commits).hasPositiveValue();
			assertThat(committed()).as("numbers of the ledger, each once").isEqualTo(this.commits.get());
		}
		else {
			assertThat(this.failuresOfApplication).as("the proxy mixes sessions up").isNotEmpty();
			assertThat(this.failuresOfApplication)
				.allMatch((ex) -> MIXED_UP.contains(ex.getSQLState()) || THEREFORE.contains(ex.getSQLState()));
		}
		if (ownConnections) {
			Eventually.until("missing notifications are noticed", () -> this.log.warnings()
				.anyMatch((line) -> line.startsWith("Notifications of the database do not")));
		}
	}

	private boolean allWasSeen(boolean unnamed) {
		return this.sections.containsAll(PAIRS)
				&& (unnamed ? this.commits.get() > 0 : !this.failuresOfApplication.isEmpty());
	}

	private void work(Member member, long end, boolean unnamed) throws Exception {
		long limit = System.nanoTime() + Eventually.LIMIT.dividedBy(2).toNanos();
		while (System.nanoTime() - end < 0 || (!allWasSeen(unnamed) && System.nanoTime() - limit < 0)) {
			String key = KEYS.get(ThreadLocalRandom.current().nextInt(KEYS.size()));
			try (LockGuard guard = member.manager.lock(key, Eventually.LIMIT)) {
				AtomicInteger inside = this.inside.computeIfAbsent(key, (absent) -> new AtomicInteger());
				if (inside.incrementAndGet() != 1) {
					this.mistakes.add("two have " + key);
				}
				Long before = this.tokens.put(key, guard.fencingToken());
				if (before != null && before >= guard.fencingToken()) {
					this.mistakes.add("token " + guard.fencingToken() + " of " + key + " after " + before);
				}
				this.sections.add(member.name + " " + key);
				commit(member, guard);
				inside.decrementAndGet();
			}
		}
	}

	/** All but the check is the application's. */
	private void commit(Member member, LockGuard guard) throws SQLException {
		try (Connection connection = member.pool.getConnection()) {
			connection.setAutoCommit(false);
			try {
				append(connection, guard.key());
			}
			catch (SQLException ex) {
				this.failuresOfApplication.add(ex);
				return;
			}
			FencedCommit commit;
			try {
				commit = member.fence.check(connection, List.of(guard));
			}
			catch (SQLException ex) {
				this.mistakes.add("the check failed: " + ex);
				return;
			}
			try (commit) {
				connection.commit();
				commit.committed();
				this.commits.incrementAndGet();
			}
			catch (SQLException ex) {
				this.failuresOfApplication.add(ex);
			}
		}
		catch (SQLException ex) {
			this.failuresOfApplication.add(ex);
		}
	}

	private static void append(Connection connection, String key) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement("insert into ledger select ?, coalesce(max(n), 0) + 1 from ledger where lock_key = ?")) {
			statement.setString(1, key);
			statement.setString(2, key);
			statement.executeUpdate();
		}
	}

	private int committed() throws SQLException {
		return Integer
			.parseInt(texts(this.database, "select count(*) from (select distinct lock_key, n from ledger) d").get(0));
	}

	@ParameterizedTest
	@CsvSource({ "true", "false" })
	void aStaleCommitIsRefused(boolean ownConnections) throws Exception {
		Member member = member("stale", bouncer(1).dataSource(UNNAMED), ownConnections);
		for (int i = 0; i < TIMES; i++) {
			try (LockGuard guard = member.manager.lock("key", Eventually.LIMIT)) {
				commit(member, guard);
			}
		}
		assertThat(this.commits).hasValue(TIMES);
		LockGuard guard = member.manager.lock("key", Eventually.LIMIT);
		try (Connection connection = member.pool.getConnection()) {
			connection.setAutoCommit(false);
			append(connection, "key");
			texts(this.database, "update cross_process_lock set token = token + 1000000000 returning lock_key");
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> member.fence.check(connection, List.of(guard)));
			connection.rollback();
		}
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
	}

	@ParameterizedTest
	@CsvSource({ "true", "false" })
	void noStatementGetsANameInASessionThatIsShared(boolean ownConnections) throws Exception {
		PgBouncer bouncer = bouncer(1);
		lockAndFence(member("member", bouncer.dataSource(""), ownConnections));
		assertThat(names(bouncer.dataSource(UNNAMED))).isEmpty();
	}

	/** Nothing is lost without a proxy. */
	@Test
	void statementsGetNamesInASessionOfOurOwn() throws Exception {
		Member member = member("member", this.database, false);
		lockAndFence(member);
		assertThat(names(member.pool)).anyMatch((statement) -> statement.contains("cross_process_lock"));
	}

	private void lockAndFence(Member member) throws SQLException, InterruptedException {
		for (int i = 0; i < TIMES; i++) {
			try (LockGuard guard = member.manager.lock("key", Eventually.LIMIT);
					Connection connection = member.pool.getConnection()) {
				connection.setAutoCommit(false);
				// so that the driver sends its own begin without a name
				try (Statement statement = connection.createStatement()) {
					statement.execute("select 1");
				}
				try (FencedCommit commit = member.fence.check(connection, List.of(guard))) {
					try (Statement statement = connection.createStatement()) {
						statement.execute("rollback");
					}
					commit.rolledBack();
				}
			}
		}
	}

	private static Collection<String> names(DataSource dataSource) throws SQLException {
		return texts(dataSource, "select statement from pg_prepared_statements");
	}

	private static List<String> texts(DataSource dataSource, String sql) throws SQLException {
		List<String> texts = new ArrayList<>();
		try (Connection connection = dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				texts.add(row.getString(1));
			}
		}
		return texts;
	}

	/** What an application process has. */
	private static final class Member implements AutoCloseable {

		private final String name;

		private final HikariDataSource pool;

		private final LeaseLockManager manager;

		private final CommitFence fence;

		Member(String name, PGSimpleDataSource dataSource, boolean ownConnections) {
			this.name = name;
			HikariConfig config = new HikariConfig();
			config.setDataSource(dataSource);
			config.setMaximumPoolSize(2 * WORKERS);
			config.setMinimumIdle(1);
			this.pool = new HikariDataSource(config);
			JdbcLeaseStore store = JdbcLeaseStore.builder(this.pool)
				.leaseDuration(OPTIONS.leaseDuration())
				.ownConnections(ownConnections ? dataSource : null)
				.build();
			this.fence = store.commitFence();
			this.manager = new LeaseLockManager(store, OPTIONS, name, new LockListener() {
			});
		}

		@Override
		public void close() {
			this.manager.close();
			this.pool.close();
		}

	}

}
