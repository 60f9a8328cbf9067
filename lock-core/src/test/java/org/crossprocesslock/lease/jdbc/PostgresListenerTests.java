package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.Kept;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.Notice;
import org.crossprocesslock.lease.Notice.Kind;
import org.crossprocesslock.lease.NoticeReceiver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.postgresql.ds.PGSimpleDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Notices between stores on PostgreSQL. */
@Timeout(120)
class PostgresListenerTests {

	private static final Duration LEASE = Duration.ofMinutes(1);

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	private final String lease = UUID.randomUUID().toString();

	private final Notice notice = new Notice(this.lease, "another-lease", Kind.FREE, "key", List.of("third-lease"));

	private final Hearing hearing = new Hearing();

	private final AtomicBoolean opened = new AtomicBoolean();

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

	@Test
	void aNoticeReachesTheLeaseItIsMeantFor() throws Exception {
		try (JdbcLeaseStore listening = store(this.database); JdbcLeaseStore telling = store(this.database)) {
			listen(listening);
			assertThat(this.hearing.works()).isTrue();
			telling.release(List.of(), List.of(new Notice("nobody", "x", Kind.FREE, "key", List.of()), this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
		}
	}

	@Test
	void aReleaseTellsInItsOwnTransaction() throws Exception {
		try (JdbcLeaseStore listening = store(this.database); JdbcLeaseStore telling = store(this.database)) {
			listen(listening);
			assertThat(this.hearing.works()).isTrue();
			telling.release(List.of(new ReleaseOrder("key", "another-lease", 1)), List.of(this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
		}
	}

	@Test
	void aBusyAcquireTellsTheHolderThatItsLeaseWaits() throws Exception {
		try (JdbcLeaseStore holding = store(this.database); JdbcLeaseStore waiting = store(this.database)) {
			listen(holding);
			assertThat(this.hearing.works()).isTrue();
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
	void anAcquireThatTellsNothingWakesNobody() throws Exception {
		try (Connection session = this.database.getConnection();
				Statement listening = session.createStatement();
				JdbcLeaseStore store = store(this.database)) {
			listening.execute("listen \"" + PostgresListener.channel(this.lease) + "\"");
			store.open(this.lease, "holder", LEASE);
			acquire(store, this.lease, new AcquireOrder("held", null, false));
			acquire(store, "waiting", new AcquireOrder("held", null, false));
			acquire(store, "waiting", new AcquireOrder("held", "dead-lease", false));
			store.release(List.of(), List.of(this.notice));
			assertThat(session.unwrap(PGConnection.class).getNotifications(0)).extracting(PGNotification::getParameter)
				.containsExactly(NoticeText.write(this.notice));
		}
	}

	@Test
	void onlyAnotherLeaseThatLivesIsTold() throws Exception {
		try (JdbcLeaseStore holding = store(this.database); JdbcLeaseStore waiting = store(this.database)) {
			listen(holding);
			assertThat(this.hearing.works()).isTrue();
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
			listen(listening);
			assertThat(this.hearing.works()).isTrue();
			execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() "
					+ "and application_name like 'cross-process-lock%'");
			assertThat(this.hearing.works()).isFalse();
			assertThat(listening.renew(this.lease)).isPresent();
			assertThat(this.hearing.works()).isTrue();
			telling.release(List.of(), List.of(this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
		}
	}

	@Test
	void aListenerIsReplacedByThatOfTheNextLeaseAndEndsWithTheStore() throws Exception {
		Set<Thread> before = listening();
		try (JdbcLeaseStore store = store(this.database)) {
			Hearing former = new Hearing();
			store.open("former-lease", "holder", LEASE);
			store.listen("former-lease", former);
			assertThat(former.works()).isTrue();
			listen(store);
			assertThat(this.hearing.works()).isTrue();
			store.release(List.of(),
					List.of(new Notice("former-lease", "x", Kind.FREE, "key", List.of()), this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
			assertThat(former.notices).isEmpty();
		}
		assertThat(this.hearing.works()).isFalse();
		Eventually.until("no thread of it listens", () -> before.containsAll(listening()));
	}

	@Test
	void nobodyListensOnAStoreThatIsClosed() throws Exception {
		Set<Thread> before = listening();
		JdbcLeaseStore store = store(this.database);
		store.open(this.lease, "holder", LEASE);
		store.close();
		store.listen(this.lease, this.hearing);
		Eventually.until("no thread of it listens", () -> before.containsAll(listening()));
	}

	private static Set<Thread> listening() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("cross-process-lock-listener"))
			.collect(Collectors.toSet());
	}

	@Test
	@Tag("full")
	void whereNotificationsAreSwallowedThatIsSaidOnceAndOnceWhenTheyArriveAgain() throws Exception {
		SharingProxy proxy = new SharingProxy(this.database, EmbeddedPostgresServer.newDatabase());
		proxy.swallow(true);
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = store(proxy.dataSource())) {
			listen(store);
			Eventually.until("it has given up", () -> log.warnings().findAny().isPresent());
			listen(store);
			Eventually.until("it has tried again and again", () -> proxy.swallowed() >= 3);
			assertThat(this.hearing.working).isEmpty();
			assertThat(log.warnings()).singleElement().asString().contains("connection proxy");
			proxy.swallow(false);
			assertThat(this.hearing.works()).isTrue();
			assertThat(log.infos().filter((line) -> line.contains("arrive again"))).hasSize(1);
			store.release(List.of(), List.of(this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
		}
	}

	/** Proxies around a driver say that they show nothing, or have no way to say so. */
	@ParameterizedTest
	@ValueSource(strings = { "nothing", "a promise", "an exception", "an error" })
	void whereTheDriverCannotListenTheConnectionOfTheLeaseStays(String shown) throws Exception {
		DataSource opaque = DataSources.of(() -> {
			Connection connection = this.database.getConnection();
			return through(Connection.class, (method, arguments) -> {
				if (method.getName().equals("isWrapperFor")) {
					return switch (shown) {
						case "an exception" -> throw new SQLFeatureNotSupportedException("isWrapperFor");
						case "an error" -> throw new AbstractMethodError("isWrapperFor");
						default -> shown.equals("a promise");
					};
				}
				if (method.getName().equals("unwrap")) {
					throw new SQLException("not of that driver");
				}
				return method.invoke(connection, arguments);
			});
		});
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = store(opaque)) {
			String session = store.open(this.lease, "holder", LEASE).session();
			store.listen(this.lease, this.hearing);
			Eventually.until("it has given up", () -> {
				assertThat(store.renew(this.lease)).get().extracting(Kept::session).isEqualTo(session);
				return log.warnings().findAny().isPresent();
			});
			assertThat(this.hearing.working).isEmpty();
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whereTheDatabaseRefusesToListenTheConnectionOfTheLeaseStays(boolean says) throws Exception {
		AtomicInteger refused = new AtomicInteger();
		DataSource refusing = DataSources.of(() -> {
			Connection connection = this.database.getConnection();
			return through(Connection.class, (method, arguments) -> {
				Object result = method.invoke(connection, arguments);
				return method.getName().equals("createStatement") ? through(Statement.class, (called, sql) -> {
					if (sql != null && sql.length > 0 && sql[0].toString().contains("listen ")) {
						refused.incrementAndGet();
						if (!says) {
							throw new AbstractMethodError("of an old driver");
						}
						throw new SQLException("LISTEN is not supported", "0A000");
					}
					return called.invoke(result, sql);
				}) : result;
			});
		});
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = store(refusing)) {
			String session = store.open(this.lease, "holder", LEASE).session();
			store.listen(this.lease, this.hearing);
			Eventually.until("it is refused again and again", () -> {
				assertThat(store.renew(this.lease)).get().extracting(Kept::session).isEqualTo(session);
				return refused.get() >= 2;
			});
			assertThat(log.warnings()).singleElement()
				.asString()
				.contains("Notifications of the database do not arrive");
			assertThat(this.hearing.working).isEmpty();
		}
	}

	/** A call to be made or not. */
	private interface Call {

		Object of(Method method, Object[] arguments) throws Exception;

	}

	private static <T> T through(Class<T> type, Call call) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				try {
					return call.of(method, arguments);
				}
				catch (InvocationTargetException ex) {
					throw ex.getCause();
				}
			}));
	}

	@Test
	void aTrialIsHeardHoweverLateItArrives() throws Exception {
		SharingProxy proxy = new SharingProxy(this.database, EmbeddedPostgresServer.newDatabase());
		proxy.swallow(true);
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = store(proxy.dataSource())) {
			listen(store);
			Eventually.until("it has given up", () -> log.warnings().findAny().isPresent());
			execute("select pg_notify('" + PostgresListener.channel(this.lease) + "', 'trial 1')");
			assertThat(this.hearing.works()).isTrue();
		}
	}

	@Test
	void anotherSessionOnTheSameConnectionMustHearFirst() throws Exception {
		SharingProxy proxy = new SharingProxy(this.database, EmbeddedPostgresServer.newDatabase());
		try (JdbcLeaseStore store = store(proxy.dataSource())) {
			listen(store);
			assertThat(this.hearing.works()).isTrue();
			assertThat(store.renew(this.lease)).isPresent();
			assertThat(this.hearing.working).isEmpty();
			proxy.changeSessions();
			assertThat(store.renew(this.lease)).isPresent();
			assertThat(this.hearing.works()).isFalse();
			assertThat(this.hearing.works()).isTrue();
			store.release(List.of(), List.of(this.notice));
			assertThat(this.hearing.notice()).isEqualTo(this.notice);
		}
	}

	@Test
	void anIdleProcessHasOneConnectionAndSaysWhoseItIs() throws Exception {
		try (JdbcLeaseStore store = store(this.database)) {
			listen(store);
			assertThat(this.hearing.works()).isTrue();
			assertThat(names()).contains("cross-process-lock holder");
			assertThat(store.renew(this.lease)).isPresent();
			// of sessions that have looked the server still ends some
			Eventually.until("there are two with that of the keys", () -> names().size() == 2);
		}
	}

	@Test
	void aRenewalHardlyWaitsForNotices() throws Exception {
		try (JdbcLeaseStore store = store(this.database)) {
			listen(store);
			assertThat(this.hearing.works()).isTrue();
			long started = System.nanoTime();
			int renewals = 20;
			for (int i = 0; i < renewals; i++) {
				assertThat(store.renew(this.lease)).isPresent();
			}
			assertThat(Duration.ofNanos(System.nanoTime() - started).dividedBy(renewals))
				.isLessThan(Duration.ofMillis(200));
		}
	}

	@Test
	void aStatementAfterTheDatabaseEndedAllSessionsRunsOnAFreshOne() throws Exception {
		try (JdbcLeaseStore store = store(this.database)) {
			listen(store);
			for (int i = 0; i < 10; i++) {
				assertThat(this.hearing.works()).isTrue();
				assertThat(
						store.acquire(this.lease, Long.MAX_VALUE, List.of(new AcquireOrder("key-" + i, null, false))))
					.hasSize(1);
				execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity "
						+ "where datname = current_database() and pid <> pg_backend_pid()");
				assertThat(this.hearing.works()).isFalse();
				assertThat(
						store.acquire(this.lease, Long.MAX_VALUE, List.of(new AcquireOrder("next-" + i, null, false))))
					.singleElement()
					.isInstanceOf(Granted.class);
				assertThat(store.renew(this.lease)).isPresent();
			}
		}
	}

	@Test
	void whatAnotherListensForInTheSameSessionIsNotHeard() throws Exception {
		String another = UUID.randomUUID().toString();
		List<Connection> sessions = new ArrayList<>();
		DataSource shared = DataSources.of(() -> {
			Connection connection = this.database.getConnection();
			sessions.add(connection);
			return connection;
		});
		try (JdbcLeaseStore store = store(shared); JdbcLeaseStore telling = store(this.database)) {
			listen(store);
			assertThat(this.hearing.works()).isTrue();
			for (Connection session : sessions) {
				if (session.isClosed()) {
					continue;
				}
				try (Statement statement = session.createStatement()) {
					statement.execute("listen \"" + PostgresListener.channel(another) + "\"");
				}
			}
			telling.release(List.of(), List.of(new Notice(another, "x", Kind.FREE, "key", List.of()), this.notice));
			assertThat(this.hearing.notice()).as("the first that is heard").isEqualTo(this.notice);
		}
	}

	@Test
	void nothingListensWhereEverybodyPolls() throws Exception {
		AtomicInteger opened = new AtomicInteger();
		DataSource counting = DataSources.of(() -> {
			opened.incrementAndGet();
			return this.database.getConnection();
		});
		Set<Thread> before = listening();
		try (JdbcLeaseStore polling = JdbcLeaseStore.builder(this.database)
			.ownConnections(counting)
			.wakeUp(WakeUp.POLL)
			.build(); JdbcLeaseStore borrowing = JdbcLeaseStore.builder(counting).platform("postgresql").build()) {
			opened.set(0);
			listen(polling);
			borrowing.listen(this.lease, this.hearing);
			assertThat(before).as("threads that listen").containsAll(listening());
			polling.release(List.of(), List.of(this.notice));
			assertThat(opened).as("that of the lease and the one that tells").hasValue(2);
			assertThat(this.hearing.working).isEmpty();
		}
	}

	private static JdbcLeaseStore store(DataSource dataSource) {
		return JdbcLeaseStore.builder(dataSource).platform("postgresql").ownConnections(dataSource).build();
	}

	private void listen(JdbcLeaseStore store) {
		if (this.opened.compareAndSet(false, true)) {
			store.open(this.lease, "holder", LEASE);
		}
		store.listen(this.lease, this.hearing);
	}

	private List<String> names() {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select application_name from pg_stat_activity "
						+ "where datname = current_database() and pid <> pg_backend_pid()")) {
			List<String> names = new ArrayList<>();
			while (row.next()) {
				names.add(row.getString(1));
			}
			return names;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void execute(String sql) throws SQLException {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute(sql);
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

}
