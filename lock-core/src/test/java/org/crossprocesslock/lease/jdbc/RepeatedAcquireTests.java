package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.Unanswered;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What an acquire answers whose session was ended before, or after it had committed: the
 * server says the same in both cases.
 */
class RepeatedAcquireTests {

	private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	private JdbcLeaseStore store;

	/** How many statements are still to end their session. */
	private final AtomicInteger ends = new AtomicInteger();

	/** What the text of such a statement contains. */
	private volatile String ending = "";

	private volatile boolean committed;

	private Runnable meanwhile = () -> {
	};

	private Step beforeExecution = () -> {
	};

	private SQLException end = ended("ProcessInterrupts");

	@BeforeEach
	void open() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		this.store = JdbcLeaseStore.builder(DataSources.of(this::connection)).build();
		this.store.open("mine", "me", TEN_SECONDS);
		this.store.open("other", "somebody else", TEN_SECONDS);
	}

	@AfterEach
	void close() {
		this.store.close();
	}

	private static SQLException ended(String routine) {
		return new PSQLException(new ServerErrorMessage("SFATAL\0VFATAL\0C57P01\0"
				+ "Mterminating connection due to administrator command\0Fpostgres.c\0R" + routine + "\0\0"));
	}

	private Connection connection() throws SQLException {
		Connection target = this.database.getConnection();
		return proxy(Connection.class, target, "",
				(method, arguments,
						answer) -> method.equals("prepareStatement") ? proxy(PreparedStatement.class,
								(PreparedStatement) answer, (String) arguments[0], (inner, more, result) -> result)
								: answer);
	}

	private <T> T proxy(Class<T> type, T target, String sql, Answer change) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				boolean executes = method.getName().equals("execute") && type == PreparedStatement.class;
				boolean ending = executes && sql.contains(this.ending) && this.ends.get() > 0;
				if (executes) {
					this.beforeExecution.run();
				}
				try {
					if (ending && !this.committed) {
						throw end(((PreparedStatement) target).getConnection());
					}
					Object answer = method.invoke(target, arguments);
					if (ending) {
						throw end(((PreparedStatement) target).getConnection());
					}
					return change.of(method.getName(), arguments, answer);
				}
				catch (InvocationTargetException ex) {
					throw ex.getTargetException();
				}
			}));
	}

	private SQLException end(Connection connection) throws SQLException {
		this.ends.decrementAndGet();
		connection.close();
		this.meanwhile.run();
		return this.end;
	}

	private List<AcquireResult> acquire(String... keys) {
		return acquire(Long.MAX_VALUE, keys);
	}

	private List<AcquireResult> acquire(long notAfter, String... keys) {
		return this.store.acquire("mine", notAfter,
				List.of(keys).stream().map((key) -> new AcquireOrder(key, null, false)).toList());
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

	private void insert(String key, String leaseId) {
		execute("insert into cross_process_lock values ('" + key + "', " + leaseId + ", 1, null)");
	}

	@Test
	void nothingWasDoneSoTheRepetitionIsGranted() {
		this.ends.set(7);
		assertThat(acquire("a", "b")).hasSize(2).allMatch(Granted.class::isInstance);
		assertThat(this.ends).hasValue(0);
	}

	@Test
	void ownTokenIsNeverAGrantNorBusy() {
		this.ends.set(1);
		this.committed = true;
		insert("a", "null");
		insert("b", "'other'");
		assertThat(acquire("a", "b")).satisfiesExactlyInAnyOrder(
				(result) -> assertThat(result).isInstanceOfSatisfying(Unanswered.class,
						(unanswered) -> assertThat(unanswered.failure()).hasCause(this.end)),
				(result) -> assertThat(result).isInstanceOf(Busy.class));
		assertThat(this.store.look(List.of("a")).keys().get(0).leaseId()).isEqualTo("mine");
	}

	@Test
	void keyThatAnotherHasIsBusy() {
		this.ends.set(1);
		insert("a", "'other'");
		insert("b", "null");
		assertThat(acquire("a", "b")).satisfiesExactlyInAnyOrder(
				(result) -> assertThat(result).isInstanceOfSatisfying(Busy.class,
						(busy) -> assertThat(busy.seen().leaseId()).isEqualTo("other")),
				(result) -> assertThat(result).isInstanceOf(Granted.class));
	}

	/** The first one may have been in time. */
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void repetitionThatComesTooLateIsNoAnswer(boolean committed) {
		this.committed = committed;
		insert("a", "null");
		long now = this.store.look(List.of("a")).clock();
		this.ends.set(1);
		this.meanwhile = () -> {
			while (nowOfDatabase() <= now + 300_000) {
				Thread.onSpinWait();
			}
		};
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire(now + 300_000, "a"))
			.havingCause()
			.isSameAs(this.end);
	}

	private long nowOfDatabase() {
		try (JdbcLeaseStore clock = JdbcLeaseStore.builder(this.database).build()) {
			return clock.look(List.of("a")).clock();
		}
	}

	/** As of the ended session, which the server may still be undoing. */
	@Test
	void rowThatIsLockedForAMomentIsNotBusy() throws Exception {
		insert("a", "null");
		insert("b", "null");
		try (Connection undone = this.database.getConnection(); Statement statement = undone.createStatement()) {
			undone.setAutoCommit(false);
			statement.execute("update cross_process_lock set lease_id = 'mine' where lock_key = 'a'");
			this.ends.set(1);
			AtomicBoolean undoing = new AtomicBoolean(true);
			this.beforeExecution = () -> {
				if (isMine(statement, "b") && undoing.getAndSet(false)) {
					undone.rollback();
				}
			};
			assertThat(acquire("a", "b")).hasSize(2).allMatch(Granted.class::isInstance);
			assertThat(undoing).as("the other one was taken first").isFalse();
		}
	}

	private static boolean isMine(Statement statement, String key) throws SQLException {
		try (ResultSet row = statement
			.executeQuery("select lease_id from cross_process_lock where lock_key = '" + key + "'")) {
			return row.next() && "mine".equals(row.getString(1));
		}
	}

	@Test
	void rowThatStaysLockedAlthoughNobodyHasItIsNoAnswer() throws Exception {
		insert("a", "null");
		try (Connection holder = this.database.getConnection(); Statement statement = holder.createStatement()) {
			holder.setAutoCommit(false);
			statement.execute("select * from cross_process_lock for update");
			assertThat(acquire("a")).allMatch(Busy.class::isInstance);
			this.ends.set(1);
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire("a"))
				.havingCause()
				.isSameAs(this.end);
		}
	}

	@Test
	void rowOfADeadLeaseIsTaken() {
		insert("a", "'dead'");
		this.ends.set(2);
		assertThat(this.store.acquire("mine", Long.MAX_VALUE, List.of(new AcquireOrder("a", "dead", false))))
			.allMatch(Granted.class::isInstance);
	}

	/** So says a trigger, or a proxy behind which the statement may go on. */
	@Test
	void stateThatIsNotOfTheServerItselfIsNoReasonToRepeat() {
		this.end = ended("exec_stmt_raise");
		this.ends.set(1);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire("a"));
		this.end = new SQLException("terminating connection due to administrator command", "57P01");
		this.ends.set(1);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire("a"));
		this.end = new SQLException("pool", "57P01", ended("ProcessInterrupts"));
		this.ends.set(1);
		assertThat(acquire("a")).allMatch(Granted.class::isInstance);
	}

	@Test
	void openingThatWasCommittedIsGivenUp() {
		this.ends.set(1);
		this.committed = true;
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.store.open("once", "me", TEN_SECONDS))
			.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse())
			.havingCause()
			.isSameAs(this.end);
	}

	@Test
	void sessionsThatAreAllEndedAreGivenUpInTime() {
		this.ends.set(Integer.MAX_VALUE);
		long began = System.nanoTime();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> acquire("a"));
		assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(TEN_SECONDS);
	}

	/** Within a heartbeat, by the rules for what is in doubt. */
	@Test
	void tokenThatNobodyKnowsOfIsGivenBackWithinAHeartbeat() throws Exception {
		JdbcLeaseStore borrowing = JdbcLeaseStore.builder(DataSources.of(this::connection)).build();
		JdbcLeaseStore plain = JdbcLeaseStore.builder(this.database).build();
		try (LockManager manager = manager(borrowing); LockManager other = manager(plain)) {
			manager.lock("key", Eventually.LIMIT).close();
			other.lock("unrelated", Eventually.LIMIT).close();
			this.committed = true;
			// an acquire, and no heartbeat that happens to come first
			this.ending = "returning l.lock_key, l.token";
			this.ends.set(1);
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> manager.tryLock("key"));
			assertThat(this.ends).hasValue(0);
			other.lock("key", Eventually.LIMIT).close();
			assertThat(manager.tryLock("key")).hasValueSatisfying((guard) -> assertThat(guard.isDirty()).isTrue());
		}
	}

	private static LockManager manager(JdbcLeaseStore store) {
		return new LeaseLockManager(store, LeaseOptions.defaults(), "repeats", new LockListener() {
		});
	}

	/** What happens beside a statement. */
	private interface Step {

		void run() throws SQLException;

	}

	/** What a proxy answers. */
	private interface Answer {

		Object of(String method, Object[] arguments, Object answer);

	}

}
