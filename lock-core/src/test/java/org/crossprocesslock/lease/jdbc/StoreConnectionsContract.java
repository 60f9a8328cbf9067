package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Where a store has its connections from, and what it does to them. */
abstract class StoreConnectionsContract {

	private static final String PREFIX = "conn_";

	/** So long that no call is given up because the machine is busy. */
	private static final Duration LEASE = Duration.ofMinutes(1);

	/** Where a test waits until what hangs is given up. */
	private static final Duration SHORT_LEASE = Duration.ofSeconds(4);

	private final DataSource database = newDatabase();

	private final HikariDataSource pool = StrictPool.of(this.database, 1);

	private final TimeSource time = new TimeSource() {

		@Override
		public long nanos() {
			return StoreConnectionsContract.this.nanos.get();
		}

		@Override
		public long wallMillis() {
			return SYSTEM.wallMillis();
		}

	};

	private final Queue<Connection> opened = new ConcurrentLinkedQueue<>();

	private final AtomicReference<SQLException> refusing = new AtomicReference<>();

	private final AtomicInteger refused = new AtomicInteger();

	/** Whether the pool says that it has no connection left, without keeping anybody. */
	private final AtomicBoolean isUsedUp = new AtomicBoolean();

	/** The clock of the store, which stands still. */
	private final AtomicLong nanos = new AtomicLong();

	/** Where connections outside the pool lead. */
	private volatile DataSource outside = this.database;

	abstract DataSource newDatabase();

	/** A database without the tables. */
	abstract DataSource anotherDatabase();

	/** Breaks a connection from the database's side. */
	abstract void kill(Connection connection) throws SQLException;

	/** What a session has set, beyond what JDBC shows. */
	abstract String settings(Connection connection) throws SQLException;

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, PREFIX, null).createIfMissing();
	}

	@AfterEach
	void closePool() {
		this.pool.close();
	}

	private JdbcLeaseStore owning() {
		return JdbcLeaseStore.builder(DataSources.of(this::borrow))
			.tablePrefix(PREFIX)
			.leaseDuration(LEASE)
			.ownConnections(DataSources.of(this::open))
			.time(this.time)
			.build();
	}

	private void letPass(Duration duration) {
		this.nanos.addAndGet(duration.toNanos());
	}

	/** Uses the store until it borrows no more. */
	private void untilOwnIsBack(JdbcLeaseStore store) throws SQLException, InterruptedException {
		Eventually.until("it has one of its own", () -> {
			// slowly, since a connection that takes long to come is given up
			letPass(ConnectionRefusal.FIRST_PAUSE.dividedBy(100));
			return renews(store) && store.hasOwnConnections().equals(Optional.of(true));
		});
		try (Connection last = this.pool.getConnection()) {
			assertThat(renews(store)).isTrue();
		}
	}

	private Connection borrow() throws SQLException {
		if (this.isUsedUp.get()) {
			throw new SQLTransientConnectionException("no connection is available");
		}
		return this.pool.getConnection();
	}

	private JdbcLeaseStore borrowing(Duration lease) {
		return JdbcLeaseStore.builder(this.pool).tablePrefix(PREFIX).leaseDuration(lease).build();
	}

	private Connection open() throws SQLException {
		SQLException refusal = this.refusing.get();
		if (refusal != null) {
			this.refused.incrementAndGet();
			throw (refusal instanceof SQLTransientConnectionException)
					? new SQLTransientConnectionException(refusal.getMessage(), refusal.getSQLState())
					: new SQLException(refusal.getMessage(), refusal.getSQLState());
		}
		Connection connection = this.outside.getConnection();
		this.opened.add(connection);
		return connection;
	}

	private static void useBothConnections(JdbcLeaseStore store) {
		String lease = UUID.randomUUID().toString();
		String key = "key-" + lease;
		store.open(lease, "holder", LEASE);
		assertThat(store.acquire(lease, Long.MAX_VALUE, List.of(new AcquireOrder(key, null, false)))).singleElement()
			.isInstanceOf(Granted.class);
		assertThat(store.renew(lease)).isPresent();
		assertThat(store.look(List.of(key)).keys()).singleElement().matches((seen) -> lease.equals(seen.leaseId()));
		store.purge(Duration.ofDays(1));
		store.end(lease);
	}

	@Test
	void twoOwnConnectionsAreOpenedWhenNeededAndKept() throws Exception {
		JdbcLeaseStore store = owning();
		assertThat(this.opened).isEmpty();
		useBothConnections(store);
		useBothConnections(store);
		assertThat(this.opened).hasSize(2);
		store.close();
		for (Connection connection : this.opened) {
			assertThat(connection.isClosed()).isTrue();
		}
	}

	@Test
	void usedUpPoolDoesNotHurtOwnConnections() throws Exception {
		try (JdbcLeaseStore store = owning()) {
			useBothConnections(store);
			try (Connection last = this.pool.getConnection()) {
				useBothConnections(store);
				for (Connection connection : List.copyOf(this.opened)) {
					kill(connection);
				}
				Eventually.until("it has new ones of its own", () -> renews(store));
			}
		}
	}

	@Test
	void brokenOwnConnectionIsReplaced() throws Exception {
		try (JdbcLeaseStore store = owning()) {
			useBothConnections(store);
			for (Connection connection : List.copyOf(this.opened)) {
				kill(connection);
			}
			for (int attempt = 0; attempt < 2; attempt++) {
				try {
					useBothConnections(store);
				}
				catch (LockStoreException ex) {
					// the call that met the broken connection
					assertThat(ex.isPermanent()).isFalse();
				}
			}
			useBothConnections(store);
			assertThat(this.opened).hasSize(4);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "28P01", "28000", "3D000", "42501" })
	void refusedLoginMeansBorrowingAndIsNotRepeatedForAMinute(String state) throws Exception {
		this.refusing.set(new SQLException("no", state));
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = owning()) {
			useBothConnections(store);
			letPass(Duration.ofSeconds(59));
			useBothConnections(store);
			assertThat(this.refused).hasValue(1);
			assertThat(log.warnings()).singleElement().asString().contains("Connections outside the pool");
			letPass(Duration.ofSeconds(1));
			Eventually.until("it is tried again", () -> renews(store) && this.refused.get() == 2);
			this.refusing.set(null);
			useBothConnections(store);
			letPass(Duration.ofMinutes(1));
			untilOwnIsBack(store);
			assertThat(log.warnings()).hasSize(1);
			assertThat(log.infos().filter((line) -> line.contains("can be used again"))).hasSize(1);
		}
	}

	@Test
	void aLogThatThrowsCostsNoConnectionOfThePool() throws Exception {
		this.refusing.set(new SQLException("no", "28P01"));
		try (BrokenLog log = new BrokenLog(ConnectionSource.class); JdbcLeaseStore store = owning()) {
			useBothConnections(store);
			assertThat(log.asked()).contains("WARN");
			assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
			this.refusing.set(null);
			letPass(Duration.ofMinutes(1));
			untilOwnIsBack(store);
			assertThat(log.asked()).contains("INFO");
		}
	}

	/** As after credentials have changed and before the pool has the new ones. */
	@Test
	void refusedLoginThatTheDataSourceDoesNotRepeatIsTriedAgainAfterASecond() throws Exception {
		this.refusing.set(new SQLTransientConnectionException("no", "28P01"));
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = owning()) {
			useBothConnections(store);
			letPass(ConnectionRefusal.FIRST_PAUSE);
			Eventually.until("it is tried again", () -> renews(store) && this.refused.get() == 2);
			this.refusing.set(null);
			untilOwnIsBack(store);
			assertThat(log.warnings()).hasSize(1);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "53300", "57P03", "08001", "08006", "XX000" })
	void refusalThatMayPassMeansBorrowingForSecondsAndIsSaidWhenItLasts(String state) throws Exception {
		this.refusing.set(new SQLException("too many clients", state));
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = owning()) {
			useBothConnections(store);
			assertThat(log.warnings()).isEmpty();
			letPass(ConnectionRefusal.FIRST_PAUSE);
			Eventually.until("it lasts", () -> renews(store) && log.warnings().findAny().isPresent());
			this.refusing.set(null);
			letPass(ConnectionRefusal.FIRST_PAUSE.multipliedBy(2));
			untilOwnIsBack(store);
			assertThat(log.warnings()).hasSize(1);
			assertThat(log.infos().filter((line) -> line.contains("can be used again"))).hasSize(1);
		}
	}

	@Test
	void ownConnectionIsClosedWhenTheDriverOfThePoolBreaksWhileItIsProven() throws Exception {
		AtomicInteger broken = new AtomicInteger();
		DataSource pool = DataSources.of(() -> {
			Connection connection = this.database.getConnection();
			if (this.opened.isEmpty()) {
				return connection;
			}
			// from the moment there is one to prove, whichever call is to prove it
			broken.incrementAndGet();
			return broken(connection);
		});
		this.refusing.set(new SQLException("no", "28P01"));
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(pool)
			.tablePrefix(PREFIX)
			.leaseDuration(LEASE)
			.ownConnections(DataSources.of(this::open))
			.time(this.time)
			.build()) {
			useBothConnections(store);
			this.refusing.set(null);
			letPass(Duration.ofMinutes(1));
			Eventually.until("one is opened aside and closed", () -> {
				renews(store);
				return !this.opened.isEmpty() && this.opened.stream().allMatch(StoreConnectionsContract::isClosed);
			});
			assertThat(broken).hasPositiveValue();
			assertThat(store.hasOwnConnections()).hasValue(false);
		}
	}

	/** One whose driver throws whatever is done, but that can be closed. */
	private static Connection broken(Connection connection) {
		return (Connection) Proxy.newProxyInstance(Connection.class.getClassLoader(),
				new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
					if (!Set.of("close", "abort", "isClosed").contains(method.getName())) {
						throw new IllegalStateException("the driver is broken");
					}
					return method.invoke(connection, arguments);
				});
	}

	@Test
	void databaseThatRefusesEverybodyForAMomentCostsNoOwnConnection() throws Exception {
		AtomicBoolean down = new AtomicBoolean();
		DataSource database = DataSources.of(() -> {
			if (down.get()) {
				throw new SQLException("the database system is starting up", "57P03");
			}
			return this.database.getConnection();
		});
		try (CapturedLog log = new CapturedLog();
				JdbcLeaseStore store = JdbcLeaseStore.builder(database)
					.tablePrefix(PREFIX)
					.leaseDuration(LEASE)
					.ownConnections(DataSources.of(() -> {
						Connection connection = database.getConnection();
						this.opened.add(connection);
						return connection;
					}))
					.build()) {
			useBothConnections(store);
			down.set(true);
			for (Connection connection : List.copyOf(this.opened)) {
				kill(connection);
			}
			assertThat(renews(store)).isFalse();
			assertThat(renews(store)).isFalse();
			down.set(false);
			int before = this.opened.size();
			useBothConnections(store);
			assertThat(this.opened).hasSizeGreaterThan(before);
			assertThat(log.warnings()).isEmpty();
		}
	}

	@Test
	void deadConnectionOfThePoolProvesNothing() throws Exception {
		Connection dead = this.database.getConnection();
		AtomicBoolean restarting = new AtomicBoolean();
		DataSource pool = DataSources.of(() -> restarting.get() ? dead : this.database.getConnection());
		try (CapturedLog log = new CapturedLog();
				JdbcLeaseStore store = JdbcLeaseStore.builder(pool)
					.tablePrefix(PREFIX)
					.leaseDuration(LEASE)
					.ownConnections(DataSources.of(this::open))
					.build()) {
			useBothConnections(store);
			kill(dead);
			restarting.set(true);
			this.refusing.set(new SQLException("connection refused", "08001"));
			for (Connection connection : List.copyOf(this.opened)) {
				kill(connection);
			}
			assertThat(renews(store)).isFalse();
			assertThat(renews(store)).isFalse();
			this.refusing.set(null);
			Eventually.until("own connections are used at once", () -> renews(store));
			assertThat(log.warnings()).isEmpty();
		}
	}

	@Test
	void ownConnectionToAnotherDatabaseMeansBorrowingAndIsSaid() throws Exception {
		this.outside = anotherDatabase();
		ownConnectionsMustNotBeUsed();
	}

	@Test
	void ownConnectionToOtherTablesOfTheSameNamesMeansBorrowingAndIsSaid() throws Exception {
		this.outside = anotherDatabase();
		JdbcLeaseSchema.of(this.outside, PREFIX, null).createIfMissing();
		ownConnectionsMustNotBeUsed();
	}

	private void ownConnectionsMustNotBeUsed() throws Exception {
		try (CapturedLog log = new CapturedLog(); JdbcLeaseStore store = owning()) {
			useBothConnections(store);
			assertThat(log.warnings()).singleElement().asString().contains("does not reach the same tables");
			assertThat(this.opened).isNotEmpty();
			for (Connection connection : this.opened) {
				assertThat(connection.isClosed()).isTrue();
			}
			this.outside = this.database;
			letPass(Duration.ofMinutes(1));
			useBothConnections(store);
			untilOwnIsBack(store);
		}
	}

	@Test
	void tablesThatNobodyFindsSayNothingAboutOwnConnections() throws Exception {
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.pool)
			.tablePrefix("later_")
			.leaseDuration(LEASE)
			.ownConnections(this.database)
			.build()) {
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"))
				.withMessageContaining("later_lease");
			JdbcLeaseSchema.of(this.database, "later_", null).createIfMissing();
			useBothConnections(store);
			try (Connection last = this.pool.getConnection()) {
				useBothConnections(store);
			}
		}
	}

	@Test
	void ownConnectionsThatAreNoneMeanBorrowing() throws Exception {
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.pool)
			.tablePrefix(PREFIX)
			.leaseDuration(LEASE)
			.ownConnections(DataSources.of(() -> null))
			.build()) {
			useBothConnections(store);
			assertThat(store.hasOwnConnections()).hasValue(false);
		}
	}

	@Test
	void openingsThatNeverEndAreAbandonedAndDoNotHoldUpTheNextOne() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		AtomicInteger hanging = new AtomicInteger();
		AtomicBoolean hangs = new AtomicBoolean();
		DataSource gone = DataSources.of(() -> {
			if (hangs.get()) {
				hanging.incrementAndGet();
				await(never);
			}
			return open();
		});
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(gone)
			.tablePrefix(PREFIX)
			.leaseDuration(SHORT_LEASE)
			.ownConnections(gone)
			.build()) {
			useBothConnections(store);
			hangs.set(true);
			for (Connection connection : List.copyOf(this.opened)) {
				if (!connection.isClosed()) {
					kill(connection);
				}
			}
			int before = this.opened.size();
			while (hanging.get() < 3) {
				assertThat(renews(store)).isFalse();
			}
			hangs.set(false);
			useBothConnections(store);
			int now = this.opened.size();
			never.countDown();
			Eventually.until("what arrives late is closed", () -> this.opened.size() == now + hanging.get()
					&& this.opened.stream().filter((connection) -> !isClosed(connection)).count() == now - before);
		}
	}

	@Test
	void hangingOpeningsAreBoundedAndAnErrorBeyondThat() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		AtomicInteger hanging = new AtomicInteger();
		try (Openings openings = new Openings(DataSources.of(() -> {
			hanging.incrementAndGet();
			await(never);
			return open();
		}))) {
			for (int i = 0; i < 2 * Openings.MOST; i++) {
				try (TimedCall call = new TimedCall(Limits.of(Duration.ofSeconds(1)))) {
					assertThatExceptionOfType(SQLException.class)
						.isThrownBy(() -> openings.open(call, Duration.ofMillis(5)));
				}
			}
			assertThat(hanging.get()).isLessThanOrEqualTo(Openings.MOST);
			never.countDown();
		}
	}

	@Test
	void firstOwnConnectionThatDoesNotComeMeansBorrowingUntilItDoes() throws Exception {
		CountDownLatch coming = new CountDownLatch(1);
		DataSource slow = DataSources.of(() -> {
			await(coming);
			return open();
		});
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.pool)
			.tablePrefix(PREFIX)
			.leaseDuration(SHORT_LEASE)
			.ownConnections(slow)
			.time(this.time)
			.build()) {
			Eventually.until("it borrows", () -> renews(store));
			assertThat(this.opened).isEmpty();
			coming.countDown();
			letPass(ConnectionRefusal.FIRST_PAUSE);
			untilOwnIsBack(store);
		}
	}

	private static void await(CountDownLatch latch) throws SQLException {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new SQLException(ex);
		}
	}

	private static boolean isClosed(Connection connection) {
		try {
			return connection.isClosed();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void connectionsForKeysAreClosedWhenIdleAndThatOfTheLeaseIsKept() throws Exception {
		LeaseStatements statements = FoundDatabase.of(this.database, new TableNames(PREFIX), null)
			.statements(Limits.of(LEASE));
		ConnectionSource source = new ConnectionSource(this.pool, DataSources.of(this::open), statements,
				Limits.of(LEASE), this.time);
		try (StoreConnections connections = new StoreConnections(source, statements, Limits.of(Duration.ofSeconds(10)),
				this.time)) {
			StoreConnection.Work<Boolean> work = (session) -> session.run((connection) -> {
				statements.probe(connection);
				return true;
			});
			connections.forLease(() -> "", "", work);
			connections.forKeys(() -> "", "", work);
			assertThat(this.opened).hasSize(2);
			letPass(StoreConnections.IDLE.plusNanos(1));
			Eventually.until("one is closed", () -> this.opened.stream().filter((one) -> isClosed(one)).count() == 1);
			connections.forLease(() -> "", "", work);
			assertThat(this.opened).hasSize(2);
			connections.forKeys(() -> "", "", work);
			assertThat(this.opened).hasSize(3);
		}
	}

	private static boolean renews(JdbcLeaseStore store) {
		try {
			store.renew("lease");
			return true;
		}
		catch (LockStoreException ex) {
			return false;
		}
	}

	@Test
	void refusedOwnConnectionIsAnErrorWhileThereIsNothingToBorrow() throws Exception {
		this.refusing.set(new SQLException("refused", "08001"));
		try (JdbcLeaseStore store = owning()) {
			this.isUsedUp.set(true);
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"));
			this.isUsedUp.set(false);
			this.refusing.set(null);
			useBothConnections(store);
			assertThat(this.opened).hasSize(2);
		}
	}

	@Test
	void firstOwnConnectionIsAnErrorWhileThereIsNoneOfThePoolToCompareItWith() throws Exception {
		try (JdbcLeaseStore store = owning()) {
			this.isUsedUp.set(true);
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"))
				.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
			this.isUsedUp.set(false);
			useBothConnections(store);
			try (Connection last = this.pool.getConnection()) {
				useBothConnections(store);
			}
		}
	}

	@Test
	void borrowedConnectionGoesBackAsItCame() throws Exception {
		String before = settings();
		try (JdbcLeaseStore store = borrowing(LEASE)) {
			useBothConnections(store);
			assertThat(settings()).isEqualTo(before);
			assertThatExceptionOfType(LockStoreException.class)
				.isThrownBy(() -> store.open("x".repeat(37), "holder", LEASE));
			assertThat(settings()).isEqualTo(before);
			assertThat(this.pool.getHikariPoolMXBean().getActiveConnections()).isZero();
		}
	}

	private String settings() throws SQLException {
		try (Connection connection = this.pool.getConnection()) {
			Connection raw = connection.unwrap(Connection.class);
			return raw.getAutoCommit() + " " + raw.getTransactionIsolation() + " " + raw.getNetworkTimeout() + " "
					+ raw.isReadOnly() + " " + settings(raw);
		}
	}

	@Test
	void usedUpPoolIsAnErrorWithinTheLimitAndNotForEver() throws Exception {
		try (JdbcLeaseStore store = borrowing(SHORT_LEASE)) {
			try (Connection last = this.pool.getConnection()) {
				long started = System.nanoTime();
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"))
					.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
				// far less than the pool itself would wait
				assertThat(Duration.ofNanos(System.nanoTime() - started))
					.isLessThan(store.answerLimit().plusSeconds(10));
			}
			useBothConnections(store);
		}
	}

	@Test
	void dataSourceThatReturnsNothingIsAnErrorOfTheBuilder() {
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> JdbcLeaseStore.builder(DataSources.of(() -> null)).build())
			.withMessageContaining("returned no connection")
			.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
	}

	@Test
	void databaseThatCannotBeReachedIsAnErrorOfTheBuilder() {
		DataSource gone = DataSources.of(() -> {
			throw new SQLException("connection refused", "08001");
		});
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> JdbcLeaseStore.builder(gone).build())
			.withMessageContaining("connection refused")
			.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
	}

}
