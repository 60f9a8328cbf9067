package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Where a store has its connections from, and what it does to them. */
abstract class StoreConnectionsContract {

	private static final String PREFIX = "conn_";

	private static final Duration LEASE = Duration.ofSeconds(4);

	private final DataSource database = newDatabase();

	private final HikariDataSource pool = StrictPool.of(this.database, 1);

	private final Queue<Connection> opened = new ConcurrentLinkedQueue<>();

	private final AtomicBoolean refusing = new AtomicBoolean();

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
		return JdbcLeaseStore.builder(this.pool)
			.tablePrefix(PREFIX)
			.leaseDuration(LEASE)
			.ownConnections(DataSources.of(this::open))
			.build();
	}

	private JdbcLeaseStore borrowing() {
		return JdbcLeaseStore.builder(this.pool).tablePrefix(PREFIX).leaseDuration(LEASE).build();
	}

	private Connection open() throws SQLException {
		if (this.refusing.get()) {
			throw new SQLException("wrong password", "28P01");
		}
		Connection connection = this.outside.getConnection();
		this.opened.add(connection);
		return connection;
	}

	private static void useBothLanes(JdbcLeaseStore store) {
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
		useBothLanes(store);
		useBothLanes(store);
		assertThat(this.opened).hasSize(2);
		store.close();
		for (Connection connection : this.opened) {
			assertThat(connection.isClosed()).isTrue();
		}
	}

	@Test
	void usedUpPoolDoesNotHurtOwnConnections() throws Exception {
		try (JdbcLeaseStore store = owning(); Connection last = this.pool.getConnection()) {
			useBothLanes(store);
		}
	}

	@Test
	void brokenOwnConnectionIsReplaced() throws Exception {
		try (JdbcLeaseStore store = owning()) {
			useBothLanes(store);
			for (Connection connection : List.copyOf(this.opened)) {
				kill(connection);
			}
			for (int lane = 0; lane < 2; lane++) {
				try {
					useBothLanes(store);
				}
				catch (LockStoreException ex) {
					// the call that met the broken connection
					assertThat(ex.isPermanent()).isFalse();
				}
			}
			useBothLanes(store);
			assertThat(this.opened).hasSize(4);
		}
	}

	@Test
	void refusedOwnConnectionMeansBorrowingForGoodAndIsSaid() {
		this.refusing.set(true);
		List<String> said = logOf(() -> {
			try (JdbcLeaseStore store = owning()) {
				useBothLanes(store);
				this.refusing.set(false);
				useBothLanes(store);
			}
		});
		assertThat(this.opened).isEmpty();
		assertThat(said).singleElement().asString().contains("outside the pool was refused");
	}

	@Test
	void ownConnectionToAnotherDatabaseMeansBorrowingForGoodAndIsSaid() throws Exception {
		this.outside = anotherDatabase();
		List<String> said = logOf(() -> {
			try (JdbcLeaseStore store = owning()) {
				useBothLanes(store);
				this.outside = this.database;
				useBothLanes(store);
			}
		});
		assertThat(said).singleElement().asString().contains("does not reach the same tables");
		assertThat(this.opened).isNotEmpty();
		for (Connection connection : this.opened) {
			assertThat(connection.isClosed()).isTrue();
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
			try (Connection last = this.pool.getConnection()) {
				useBothLanes(store);
			}
		}
	}

	@Test
	void firstOwnConnectionThatDoesNotComeMeansBorrowingUntilItDoes() throws Exception {
		CountDownLatch coming = new CountDownLatch(1);
		DataSource slow = DataSources.of(() -> {
			try {
				coming.await();
			}
			catch (InterruptedException ex) {
				throw new SQLException(ex);
			}
			return open();
		});
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.pool)
			.tablePrefix(PREFIX)
			.leaseDuration(Duration.ofSeconds(1))
			.ownConnections(slow)
			.build()) {
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"))
				.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
			assertThat(store.renew("lease")).isEmpty();
			assertThat(this.opened).isEmpty();
			coming.countDown();
			Eventually.until("the connection is used", () -> {
				store.renew("lease");
				return !this.opened.isEmpty();
			});
			try (Connection last = this.pool.getConnection()) {
				Eventually.until("no other one is needed", () -> renews(store));
			}
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

	private static List<String> logOf(Runnable action) {
		Logger logger = (Logger) LoggerFactory.getLogger(OwnConnection.class);
		ListAppender<ILoggingEvent> log = new ListAppender<>();
		log.start();
		logger.addAppender(log);
		try {
			action.run();
		}
		finally {
			logger.detachAppender(log);
		}
		return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
	}

	@Test
	void refusedOwnConnectionIsAnErrorWhileThereIsNothingToBorrow() throws Exception {
		this.refusing.set(true);
		try (JdbcLeaseStore store = owning()) {
			try (Connection last = this.pool.getConnection()) {
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"));
			}
			this.refusing.set(false);
			useBothLanes(store);
			assertThat(this.opened).hasSize(2);
		}
	}

	@Test
	void borrowedConnectionGoesBackAsItCame() throws Exception {
		String before = settings();
		try (JdbcLeaseStore store = borrowing()) {
			useBothLanes(store);
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
		try (JdbcLeaseStore store = borrowing()) {
			try (Connection last = this.pool.getConnection()) {
				long started = System.nanoTime();
				assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"))
					.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
				assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(store.answerLimit());
			}
			useBothLanes(store);
		}
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
