package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.Notice;
import org.crossprocesslock.lease.Notice.Kind;
import org.crossprocesslock.lease.NoticeReceiver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Notices between stores on PostgreSQL. */
@Timeout(120)
class PostgresListenerTests {

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	private final String lease = UUID.randomUUID().toString();

	private final Notice notice = new Notice(this.lease, "another-lease", Kind.FREE, "key", List.of("third-lease"));

	private final Hearing hearing = new Hearing();

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

	@Test
	void aNoticeReachesTheLeaseItIsMeantFor() throws Exception {
		try (JdbcLeaseStore listening = store(this.database); JdbcLeaseStore telling = store(this.database)) {
			listening.listen(this.lease, this.hearing);
			assertThat(this.hearing.works()).isTrue();
			telling.release(List.of(), List.of(new Notice("nobody", "x", Kind.FREE, "key", List.of()), this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
		}
	}

	@Test
	void aReleaseTellsInItsOwnTransaction() throws Exception {
		try (JdbcLeaseStore listening = store(this.database); JdbcLeaseStore telling = store(this.database)) {
			listening.listen(this.lease, this.hearing);
			assertThat(this.hearing.works()).isTrue();
			telling.release(List.of(new ReleaseOrder("key", "another-lease", 1)), List.of(this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
		}
	}

	@Test
	void aBusyAcquireTellsTheHolderThatItsLeaseWaits() throws Exception {
		try (JdbcLeaseStore holding = store(this.database); JdbcLeaseStore waiting = store(this.database)) {
			holding.listen(this.lease, this.hearing);
			assertThat(this.hearing.works()).isTrue();
			holding.open(this.lease, "holder", Duration.ofMinutes(1));
			waiting.open("waiting", "another", Duration.ofMinutes(1));
			acquire(holding, this.lease, new AcquireOrder("held", null, false));
			acquire(holding, this.lease, new AcquireOrder("other", null, false));
			acquire(waiting, "waiting", new AcquireOrder("held", null, true));
			assertThat(this.hearing.notice()).isEqualTo(wanted("held"));
			acquire(waiting, "waiting", new AcquireOrder("free", null, true), new AcquireOrder("held", null, false),
					new AcquireOrder("other", null, true));
			assertThat(this.hearing.notice()).isEqualTo(wanted("other"));
		}
	}

	@Test
	void onlyAnotherLeaseThatLivesIsTold() throws Exception {
		try (JdbcLeaseStore holding = store(this.database); JdbcLeaseStore waiting = store(this.database)) {
			holding.listen(this.lease, this.hearing);
			assertThat(this.hearing.works()).isTrue();
			holding.open(this.lease, "holder", Duration.ofMinutes(1));
			acquire(holding, this.lease, new AcquireOrder("held", null, false));
			acquire(holding, this.lease, new AcquireOrder("held", null, true));
			execute("update cross_process_lease set expires_at = 1");
			acquire(waiting, "waiting", new AcquireOrder("held", null, true));
			waiting.release(List.of(), List.of(this.notice));
			assertThat(this.hearing.notice()).as("the first that was told").isEqualTo(this.notice);
		}
	}

	private Notice wanted(String key) {
		return new Notice(this.lease, "waiting", Kind.WANTED, key, List.of("waiting"));
	}

	private static void acquire(LeaseStore store, String leaseId, AcquireOrder... orders) {
		assertThat(store.acquire(leaseId, Long.MAX_VALUE, List.of(orders))).hasSize(orders.length);
	}

	@Test
	void aListenerWhoseConnectionBreaksSaysSoAndComesBack() throws Exception {
		try (JdbcLeaseStore listening = store(this.database); JdbcLeaseStore telling = store(this.database)) {
			listening.listen(this.lease, this.hearing);
			assertThat(this.hearing.works()).isTrue();
			execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
					+ "and query like 'listen%'");
			assertThat(this.hearing.works()).isFalse();
			assertThat(this.hearing.works()).isTrue();
			telling.release(List.of(), List.of(this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
		}
	}

	@Test
	void aListenerIsReplacedByThatOfTheNextLeaseAndEndsWithTheStore() throws Exception {
		try (JdbcLeaseStore store = store(this.database)) {
			store.listen("former-lease", new Hearing());
			store.listen(this.lease, this.hearing);
			assertThat(this.hearing.works()).isTrue();
			Eventually.until("one listener is left", () -> listeners() == 1);
		}
		Eventually.until("no listener is left", () -> listeners() == 0);
		assertThat(this.hearing.works()).isFalse();
	}

	@Test
	void whereNotificationsAreSwallowedThatIsSaidOnceAndNothingListens() throws Exception {
		// what is sent through every other connection goes elsewhere
		SplitDataSource split = new SplitDataSource(this.database, EmbeddedPostgresServer.newDatabase());
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = store(split)) {
			store.listen("former-lease", new Hearing());
			Eventually.until("it has given up", () -> split.connections.get() >= 2 && listeners() == 0);
			store.listen(this.lease, this.hearing);
			assertThat(this.hearing.works()).isFalse();
			Eventually.until("it has given up again", () -> split.connections.get() == 4 && listeners() == 0);
			assertThat(log.warnings()).singleElement().asString().contains("connection proxy");
		}
	}

	@Test
	void nothingListensWhereEverybodyPolls() throws Exception {
		AtomicInteger opened = new AtomicInteger();
		DataSource counting = new SplitDataSource(this.database, this.database) {
			@Override
			public Connection getConnection() throws SQLException {
				opened.incrementAndGet();
				return super.getConnection();
			}
		};
		try (JdbcLeaseStore polling = JdbcLeaseStore.builder(this.database)
			.ownConnections(counting)
			.wakeUp(WakeUp.POLL)
			.build(); JdbcLeaseStore borrowing = JdbcLeaseStore.builder(counting).dialect("postgresql").build()) {
			polling.listen(this.lease, this.hearing);
			borrowing.listen(this.lease, this.hearing);
			polling.release(List.of(), List.of(this.notice));
			assertThat(opened).as("the connection that tells").hasValue(1);
		}
	}

	private static JdbcLeaseStore store(DataSource dataSource) {
		return JdbcLeaseStore.builder(dataSource).dialect("postgresql").ownConnections(dataSource).build();
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private int listeners() {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select count(*) from pg_stat_activity "
						+ "where datname = current_database() and query like 'listen%'")) {
			row.next();
			return row.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static final class Hearing implements NoticeReceiver {

		private final BlockingQueue<Boolean> working = new LinkedBlockingQueue<>();

		private final BlockingQueue<Notice> notices = new LinkedBlockingQueue<>();

		@Override
		public void listening(boolean works) {
			this.working.add(works);
		}

		@Override
		public void receive(Notice notice) {
			this.notices.add(notice);
		}

		/** What was said next about whether notices arrive. */
		private boolean works() throws InterruptedException {
			Boolean works = this.working.poll(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
			assertThat(works).as("says whether notices arrive").isNotNull();
			return works;
		}

		private Notice notice() throws InterruptedException {
			return this.notices.poll(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		}

	}

	private static class SplitDataSource extends PGSimpleDataSource {

		private static final long serialVersionUID = 1L;

		private final transient DataSource first;

		private final transient DataSource second;

		final AtomicInteger connections = new AtomicInteger();

		SplitDataSource(DataSource first, DataSource second) {
			this.first = first;
			this.second = second;
		}

		@Override
		public Connection getConnection() throws SQLException {
			return (this.connections.getAndIncrement() % 2 == 0) ? this.first.getConnection()
					: this.second.getConnection();
		}

	}

}
