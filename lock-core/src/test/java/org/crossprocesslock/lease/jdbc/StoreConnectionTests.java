package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import javax.sql.DataSource;

import org.crossprocesslock.Background;
import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.TickedTimeSource;
import org.crossprocesslock.lease.LeaseOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The connections of a store, with drivers and time of the test. */
class StoreConnectionTests {

	private static final Limits LIMITS = Limits.of(Duration.ofMinutes(10));

	private final TickedTimeSource time = new TickedTimeSource();

	private final StubStatements statements = new StubStatements();

	private final List<StubConnection> opened = new CopyOnWriteArrayList<>();

	private final List<StubConnection> borrowed = new CopyOnWriteArrayList<>();

	private final List<StoreConnections> all = new ArrayList<>();

	private final StoreConnections connections = connections(from(this.opened), LIMITS);

	private static DataSource from(List<StubConnection> made) {
		return DataSources.of(() -> {
			StubConnection connection = new StubConnection();
			made.add(connection);
			return connection.connection();
		});
	}

	private StoreConnections connections(DataSource own, Limits limits) {
		return connections(from(this.borrowed), own, limits);
	}

	private StoreConnections connections(DataSource pool, DataSource own) {
		return connections(pool, own, LIMITS);
	}

	private StoreConnections connections(DataSource pool, @Nullable DataSource own, Limits limits) {
		StoreConnections made = new StoreConnections(
				new ConnectionSource(pool, own, this.statements, limits, this.time), this.statements, limits,
				this.time);
		this.all.add(made);
		return made;
	}

	private StoreConnections borrowing(Limits limits) {
		return connections(from(this.borrowed), null, limits);
	}

	@AfterEach
	void close() {
		this.all.forEach(StoreConnections::close);
	}

	private Connection forLease() {
		return this.connections.forLease(() -> "work", "tables", (session) -> session.run((connection) -> connection));
	}

	private Connection forKeys() {
		return this.connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> connection));
	}

	private void failForKeys(String state) {
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(
				() -> this.connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
					throw new SQLException("failed", state);
				})))
			.withMessageStartingWith("Could not work in tables: ");
	}

	/**
	 * The thread that closes one is not waited for as long as a busy machine may take.
	 */
	private static void awaitClosed(List<StubConnection> connections) throws InterruptedException {
		Eventually.until("closed", () -> connections.stream().allMatch((one) -> one.closed));
	}

	private StubConnection last() {
		return this.opened.get(this.opened.size() - 1);
	}

	private static void awaitUninterruptibly(CountDownLatch latch) throws SQLException {
		try {
			if (!latch.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
				throw new SQLException("nobody goes on");
			}
		}
		catch (InterruptedException ex) {
			throw new SQLException(ex);
		}
	}

	/** Is at work on a connection until it is told to end. */
	private static final class Busy implements StoreConnection.Transaction<Connection> {

		private final CountDownLatch begun = new CountDownLatch(1);

		private final CountDownLatch goOn = new CountDownLatch(1);

		@Override
		public Connection run(Connection connection) throws SQLException {
			this.begun.countDown();
			awaitUninterruptibly(this.goOn);
			return connection;
		}

	}

	// what a connection is trusted for

	@Test
	void aConnectionForKeysIsAskedForASignOfLifeAfterAMoment() {
		Connection first = forKeys();
		StubConnection used = last();
		this.time.pass(StoreConnections.TRUSTED_UNHEARD.minusNanos(1));
		assertThat(forKeys()).isSameAs(first);
		assertThat(used.calls).isEmpty();
		this.time.pass(StoreConnections.TRUSTED_UNHEARD);
		assertThat(forKeys()).isSameAs(first);
		assertThat(used.calls).containsExactly("isValid");
		this.time.pass(StoreConnections.TRUSTED_UNHEARD.minusNanos(1));
		assertThat(forKeys()).isSameAs(first);
		assertThat(used.calls).as("each call is a sign of life").containsExactly("isValid");
	}

	@Test
	void thatOfTheLeaseIsTrustedForLonger() {
		Connection first = forLease();
		StubConnection used = last();
		this.time.pass(StoreConnections.TRUSTED.minusNanos(1));
		assertThat(forLease()).isSameAs(first);
		assertThat(used.calls).isEmpty();
		this.time.pass(StoreConnections.TRUSTED);
		assertThat(forLease()).isSameAs(first);
		assertThat(used.calls).containsExactly("isValid");
	}

	@Test
	void whereTheEndOfSessionsIsHeardOfAllAreTrustedForLonger() {
		this.connections.listening(true);
		Connection first = forKeys();
		this.time.pass(StoreConnections.TRUSTED.minusNanos(1));
		assertThat(forKeys()).isSameAs(first);
		assertThat(last().calls).isEmpty();
		this.connections.listening(false);
		this.time.pass(StoreConnections.TRUSTED_UNHEARD);
		assertThat(forKeys()).isSameAs(first);
		assertThat(last().calls).containsExactly("isValid");
	}

	@Test
	void oneThatIsDeadIsReplacedBeforeAnythingIsSent() throws Exception {
		forKeys();
		StubConnection dead = last();
		dead.valid = false;
		this.time.pass(StoreConnections.TRUSTED);
		assertThat(forKeys()).isNotSameAs(dead.connection()).isSameAs(last().connection());
		awaitClosed(List.of(dead));
	}

	@Test
	void oneThatIsClosedIsReplacedHoweverMuchItIsTrusted() {
		forKeys();
		StubConnection closed = last();
		closed.closed = true;
		assertThat(forKeys()).isNotSameAs(closed.connection()).isSameAs(last().connection());
	}

	/** What drivers throw, of the right kind or not. */
	private static List<Throwable> failures() {
		return List.of(new SQLException("broken", "08006"), new IllegalStateException("a defect"),
				new AbstractMethodError("of an old driver"));
	}

	@ParameterizedTest
	@MethodSource("failures")
	void oneThatCannotSayWhetherItIsAliveIsReplaced(Throwable failure) throws Exception {
		forKeys();
		StubConnection odd = last();
		odd.aliveFailure = failure;
		try (BrokenLog log = new BrokenLog(StoreConnection.class)) {
			assertThat(forKeys()).isNotSameAs(odd.connection()).isSameAs(last().connection());
			assertThat(log.asked()).containsExactly("DEBUG");
		}
		awaitClosed(List.of(odd));
	}

	@Test
	void whereOneHasBrokenTheOthersAreAskedForASignOfLifeOnce() {
		forLease();
		StubConnection lease = last();
		forKeys();
		failForKeys("08006");
		forLease();
		forLease();
		assertThat(lease.calls).containsExactly("isValid");
	}

	// what becomes of it after a failure

	@ParameterizedTest
	@ValueSource(strings = { "08006", "57014", "0A000", "42P01" })
	void anErrorThatLeavesTheSessionUnknownCostsTheConnection(String state) throws Exception {
		forKeys();
		failForKeys(state);
		awaitClosed(List.of(this.opened.get(0)));
		assertThat(forKeys()).isSameAs(last().connection()).isNotSameAs(this.opened.get(0).connection());
	}

	@ParameterizedTest
	@ValueSource(strings = { "23505", "55P03", "40001" })
	void anErrorAfterWhichTheSessionIsAsItWasCostsNothing(String state) {
		Connection first = forKeys();
		failForKeys(state);
		assertThat(forKeys()).isSameAs(first);
	}

	@Test
	void workThatThrowsSomethingElseCostsTheConnection() throws Exception {
		forKeys();
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> this.connections.forKeys(() -> "work", "tables", (session) -> {
				throw new IllegalStateException("a defect");
			}))
			.withMessage("Could not work in tables: java.lang.IllegalStateException: a defect")
			.withCauseInstanceOf(IllegalStateException.class)
			.matches((ex) -> !ex.isPermanent());
		awaitClosed(List.of(this.opened.get(0)));
	}

	@ParameterizedTest
	@MethodSource("failures")
	void aBorrowedConnectionThatCannotBeBroughtBackIsBroken(Throwable failure) throws Exception {
		StoreConnections connections = borrowing(LIMITS);
		this.statements.undoFailure = failure;
		try (BrokenLog log = new BrokenLog(ConnectionSource.class)) {
			connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> connection));
			assertThat(log.asked()).containsExactly("DEBUG");
		}
		awaitClosed(this.borrowed.subList(0, 1));
		assertThat(this.borrowed.get(0).calls).containsExactly("abort", "close");
		this.statements.undoFailure = null;
		connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> connection));
		assertThat(this.borrowed.get(1).calls).containsExactly("close");
	}

	@Test
	void aBorrowedConnectionIsClosedAlsoIfItCannotBeBroken() throws Exception {
		StoreConnections connections = borrowing(LIMITS);
		this.statements.undoFailure = new SQLException("broken", "08006");
		try (BrokenLog log = new BrokenLog(Closing.class)) {
			connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
				this.borrowed.get(0).abortFailure = new AbstractMethodError("of an old pool");
				return connection;
			}));
			awaitClosed(this.borrowed);
			assertThat(log.asked()).containsExactly("DEBUG");
		}
	}

	@Test
	void aBorrowedConnectionWithWhichNobodyKnowsWhatHappenedIsBroken() throws Exception {
		StoreConnections connections = borrowing(LIMITS);
		assertThatExceptionOfType(NoClassDefFoundError.class)
			.isThrownBy(() -> connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
				throw new NoClassDefFoundError("of the driver");
			})));
		awaitClosed(this.borrowed);
		assertThat(this.borrowed.get(0).calls).containsExactly("abort", "close");
	}

	@Test
	void aConnectionIsClosedAlsoIfThereIsNoThreadForIt() throws Exception {
		CountDownLatch closed = new CountDownLatch(1);
		Closing.start(closed::countDown, (thread) -> {
			throw new OutOfMemoryError("unable to create native thread");
		});
		Eventually.until("it is closed", () -> closed.getCount() == 0);
	}

	@Test
	void aBorrowedConnectionThatCannotBeSetUpIsBroken() throws Exception {
		StoreConnections connections = borrowing(LIMITS);
		this.statements.failure = new SQLException("broken", "08006");
		this.statements.unprepared.set(1);
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> connections.forKeys(() -> "work", "tables", (session) -> "not reached"));
		awaitClosed(this.borrowed.subList(0, 1));
		assertThat(this.borrowed.get(0).calls).containsExactly("abort", "close");
	}

	@Test
	void connectionsOfThePoolWhoseSessionsWereEndedAreThrownAway() throws Exception {
		StoreConnections connections = borrowing(LIMITS);
		this.statements.unprepared.set(3);
		connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> connection));
		assertThat(this.borrowed).hasSize(4);
		awaitClosed(this.borrowed);
		assertThat(this.borrowed.subList(0, 3)).allMatch((one) -> one.calls.equals(List.of("abort", "close")));
	}

	@Test
	void aPoolThatHasNoOtherConnectionsIsGivenUpWhenTheTimeOfTheCallIsOver() {
		StoreConnections connections = borrowing(Limits.of(Duration.ofMillis(400)));
		this.statements.unprepared.set(Integer.MAX_VALUE);
		Background<String> call = Background
			.call(() -> connections.forKeys(() -> "work", "tables", (session) -> "not reached"));
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(call::join)
			.withMessageContaining("Could not work in tables");
	}

	// how often a transaction is run

	@Test
	void aTransactionThatMadeWayIsRunAgainOnTheSameConnection() {
		AtomicInteger runs = new AtomicInteger();
		String result = this.connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
			if (runs.incrementAndGet() < 6) {
				throw new SQLException("deadlock", "40P01");
			}
			return "done";
		}));
		assertThat(result).isEqualTo("done");
		assertThat(this.opened).hasSize(1);
	}

	@Test
	void oneThatAlwaysMakesWayIsAFailure() {
		AtomicInteger runs = new AtomicInteger();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(
				() -> this.connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
					runs.incrementAndGet();
					throw new SQLException("deadlock", "40P01");
				})));
		assertThat(runs).hasValue(6);
	}

	@Test
	void oneThatMetAStaleSessionIsRunAgainOnceOnAFreshOne() throws Exception {
		AtomicInteger runs = new AtomicInteger();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(
				() -> this.connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
					runs.incrementAndGet();
					throw new SQLException("stale", "0A000");
				})));
		assertThat(runs).hasValue(2);
		assertThat(this.opened).hasSize(2);
		awaitClosed(this.opened);
	}

	/** A pool knows nothing against it, and gives the one first that came back last. */
	@ParameterizedTest
	@ValueSource(strings = { "25006", "26000", "42P05", "0A000" })
	void aBorrowedConnectionWithAStaleSessionDoesNotComeAgain(String state) throws Exception {
		DataSource plain = from(this.borrowed);
		StoreConnections connections = connections(DataSources.of(() -> {
			StubConnection last = this.borrowed.isEmpty() ? null : this.borrowed.get(this.borrowed.size() - 1);
			return (last == null || last.calls.contains("abort")) ? plain.getConnection() : last.connection();
		}), null, LIMITS);
		Connection used = connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
			if (this.borrowed.size() == 1) {
				throw new SQLException("stale", state);
			}
			return connection;
		}));
		awaitClosed(this.borrowed);
		assertThat(this.borrowed.get(0).calls).containsExactly("abort", "close");
		assertThat(used).isSameAs(this.borrowed.get(1).connection());
		assertThat(this.borrowed.get(1).calls).containsExactly("close");
	}

	@Test
	void noneOfThePoolWhoseSessionsAreStaleComesAgain() throws Exception {
		StoreConnections connections = borrowing(LIMITS);
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
				throw new SQLException("on a standby", "25006");
			})));
		assertThat(this.borrowed).hasSize(2);
		awaitClosed(this.borrowed);
		assertThat(this.borrowed).allMatch((one) -> one.calls.equals(List.of("abort", "close")));
	}

	@Test
	void theEndOfASessionIsNoMatterOfTheNextTransaction() {
		AtomicInteger runs = new AtomicInteger();
		List<Boolean> ended = new ArrayList<>();
		this.connections.forKeys(() -> "work", "tables", (session) -> {
			session.run((connection) -> {
				if (runs.getAndIncrement() == 0) {
					throw new SQLException("ended", "57P01");
				}
				return connection;
			});
			ended.add(session.ended() != null);
			session.run((connection) -> connection);
			return ended.add(session.ended() != null);
		});
		assertThat(ended).containsExactly(true, false);
	}

	// calls that take too long

	@Test
	void aCallThatIsOverdueIsBrokenOnceAndOthersHaveANewConnection() throws Exception {
		Busy busy = new Busy();
		Background<Connection> call = Background
			.call(() -> this.connections.forLease(() -> "work", "tables", (session) -> session.run(busy)));
		awaitUninterruptibly(busy.begun);
		StubConnection hangs = last();
		this.time.pass(LIMITS.call());
		this.connections.lookAfterAll();
		this.time.pass(Duration.ofNanos(1));
		this.connections.lookAfterAll();
		Eventually.until("it is broken", () -> hangs.calls.contains("abort"));
		this.connections.lookAfterAll();
		assertThat(forLease()).isNotSameAs(hangs.connection());
		busy.goOn.countDown();
		assertThat(call.join()).isSameAs(hangs.connection());
		awaitClosed(List.of(hangs));
		assertThat(hangs.calls).containsExactly("abort", "close");
		assertThat(last().closed).isFalse();
	}

	@Test
	void aConnectionThatHangsOnItsWayBackIntoThePoolIsBroken() throws Exception {
		StoreConnections connections = borrowing(LIMITS);
		CountDownLatch used = new CountDownLatch(1);
		CountDownLatch never = new CountDownLatch(1);
		Background<Connection> call = Background
			.call(() -> connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> {
				this.borrowed.get(0).closesAfter(never);
				used.countDown();
				return connection;
			})));
		awaitUninterruptibly(used);
		call.untilItWaits();
		brokenWhenOverdue(connections, this.borrowed.get(0));
		never.countDown();
		assertThat(call.join()).isSameAs(this.borrowed.get(0).connection());
	}

	@Test
	void aBorrowedConnectionThatHangsWhileItIsSetUpIsBroken() throws Exception {
		StoreConnections connections = borrowing(LIMITS);
		Busy busy = new Busy();
		this.statements.preparing = busy;
		brokenInItsSetUp(connections, busy, this.borrowed);
	}

	@Test
	void anOwnConnectionThatHangsWhileItIsSetUpIsBroken() throws Exception {
		Busy busy = new Busy();
		this.statements.naming = busy;
		brokenInItsSetUp(this.connections, busy, this.opened);
	}

	private void brokenInItsSetUp(StoreConnections connections, Busy busy, List<StubConnection> made) throws Exception {
		Background<String> call = Background
			.call(() -> connections.forKeys(() -> "work", "tables", (session) -> session.run((one) -> "not reached")));
		awaitUninterruptibly(busy.begun);
		brokenWhenOverdue(connections, made.get(0));
		busy.goOn.countDown();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(call::join)
			.withMessageContaining("no answer from the database");
		awaitClosed(made);
		awaitClosed(this.borrowed);
	}

	private void brokenWhenOverdue(StoreConnections connections, StubConnection hangs) throws Exception {
		this.time.pass(LIMITS.call().plusNanos(1));
		connections.lookAfterAll();
		Eventually.until("it is broken", () -> hangs.calls.contains("abort"));
	}

	@Test
	void theNextCallForTheLeaseDoesNotWaitForTheOneBefore() throws Exception {
		Busy busy = new Busy();
		Background<Connection> call = Background
			.call(() -> this.connections.forLease(() -> "work", "tables", (session) -> session.run(busy)));
		awaitUninterruptibly(busy.begun);
		StubConnection hangs = last();
		assertThat(forLease()).isNotSameAs(hangs.connection());
		Eventually.until("it is broken", () -> hangs.calls.contains("abort"));
		busy.goOn.countDown();
		call.join();
		awaitClosed(List.of(hangs));
	}

	@Test
	void oneThreadWatchesOverAllCallsAndGoesOnWhateverInterruptsIt() throws Exception {
		Set<Thread> before = watchdogs();
		StoreConnections connections = connections(from(this.opened), Limits.of(Duration.ofSeconds(8)));
		connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> connection));
		connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> connection));
		Set<Thread> watching = watchdogs();
		watching.removeAll(before);
		assertThat(watching).hasSize(1);
		watching.forEach(Thread::interrupt);
		this.time.pass(StoreConnections.IDLE.plusNanos(1));
		awaitClosed(this.opened);
	}

	private static Set<Thread> watchdogs() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("cross-process-lock-watchdog"))
			.collect(Collectors.toCollection(HashSet::new));
	}

	@Test
	void nothingIsBegunInACallThatWasGivenUp() throws Exception {
		Busy busy = new Busy();
		AtomicInteger more = new AtomicInteger();
		Background<Integer> call = Background.call(() -> this.connections.forKeys(() -> "work", "tables", (session) -> {
			session.run(busy);
			return session.run((connection) -> more.incrementAndGet());
		}));
		awaitUninterruptibly(busy.begun);
		this.time.pass(LIMITS.call().plusNanos(1));
		this.connections.lookAfterAll();
		busy.goOn.countDown();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(call::join)
			.withMessageContaining("no answer from the database");
		assertThat(more).hasValue(0);
	}

	@Test
	void aConnectionThatComesWhenItsCallWasGivenUpIsClosed() throws Exception {
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch comes = new CountDownLatch(1);
		List<StubConnection> made = new CopyOnWriteArrayList<>();
		DataSource plain = from(made);
		StoreConnections slow = connections(DataSources.of(() -> {
			asked.countDown();
			awaitUninterruptibly(comes);
			return plain.getConnection();
		}), LIMITS);
		Background<String> call = Background
			.call(() -> slow.forLease(() -> "work", "tables", (session) -> session.run((connection) -> "not reached")));
		awaitUninterruptibly(asked);
		this.time.pass(LIMITS.call().plusNanos(1));
		slow.lookAfterAll();
		comes.countDown();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(call::join)
			.withMessageContaining("no answer from the database");
		assertThat(made).hasSize(1);
		awaitClosed(made);
	}

	// which connection is used, and until when it is kept

	@Test
	void theOneUsedLastIsUsedFirstAndTheOtherIsClosedWhenIdle() throws Exception {
		Busy busy = new Busy();
		Background<Connection> call = Background
			.call(() -> this.connections.forKeys(() -> "work", "tables", (session) -> session.run(busy)));
		awaitUninterruptibly(busy.begun);
		Connection other = forKeys();
		busy.goOn.countDown();
		Connection last = call.join();
		assertThat(last).isNotSameAs(other);
		for (int i = 0; i < 3; i++) {
			this.time.pass(StoreConnections.IDLE.dividedBy(2).plusNanos(1));
			assertThat(forKeys()).isSameAs(last);
			this.connections.lookAfterAll();
		}
		Eventually.until("one is closed", () -> this.opened.stream().anyMatch((one) -> one.closed));
		assertThat(this.opened).filteredOn((one) -> one.closed)
			.singleElement()
			.matches((one) -> one.connection() == other);
	}

	@Test
	void thatOfTheLeaseIsKeptHoweverIdle() {
		Connection lease = forLease();
		this.time.pass(StoreConnections.IDLE.multipliedBy(2));
		this.connections.lookAfterAll();
		assertThat(forLease()).isSameAs(lease);
	}

	@Test
	void aConnectionForOneCallIsClosedWithIt() throws Exception {
		Connection aside = this.connections.aside(() -> "work", "tables",
				(session) -> session.run((connection) -> connection));
		assertThat(last().connection()).isSameAs(aside);
		awaitClosed(List.of(last()));
	}

	@Test
	void oneThatComesWhileAllAreClosedIsClosedAsWell() throws Exception {
		List<StubConnection> made = new CopyOnWriteArrayList<>();
		DataSource plain = from(made);
		List<StoreConnections> closed = new ArrayList<>();
		StoreConnections connections = connections(DataSources.of(() -> {
			closed.forEach(StoreConnections::close);
			return plain.getConnection();
		}), LIMITS);
		closed.add(connections);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(
				() -> connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> "reached")));
		assertThat(made).hasSize(1);
		awaitClosed(made);
	}

	@Test
	void nothingIsSentAfterTheClose() {
		this.connections.close();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(this::forKeys)
			.withMessageContaining("the store is closed");
		assertThat(this.opened).isEmpty();
	}

	@Test
	void aCloseThatHangsHoldsUpTheCallForAMoment() throws Exception {
		forKeys();
		CountDownLatch never = new CountDownLatch(1);
		last().closesAfter(never);
		try {
			assertThat(Background.call(() -> {
				failForKeys("08006");
				return this.opened.get(0).closed;
			}).join()).isFalse();
		}
		finally {
			never.countDown();
		}
	}

	@Test
	void closesThatHangHoldUpTheEndForAMomentTogether() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		forKeys();
		last().closesAfter(never);
		forLease();
		last().closesAfter(never);
		try {
			assertThat(Background.call(() -> {
				this.connections.close();
				return this.opened;
			}).join()).hasSize(2).noneMatch((one) -> one.closed);
		}
		finally {
			never.countDown();
		}
	}

	// between two calls

	@Test
	void thereIsNothingToUseBetweenCallsBeforeTheFirst() throws Exception {
		assertThat(this.connections.lease().beside(Duration.ZERO, (connection) -> {
			throw new SQLException("there is none");
		})).isFalse();
	}

	@Test
	void aUseBetweenCallsHasTheConnectionOfTheLease() throws Exception {
		Connection lease = forLease();
		List<Connection> used = new ArrayList<>();
		this.time.pass(StoreConnections.TRUSTED.minusNanos(1));
		assertThat(this.connections.lease().beside(Duration.ZERO, used::add)).isTrue();
		assertThat(used).containsExactly(lease);
		this.time.pass(StoreConnections.TRUSTED.minusNanos(1));
		assertThat(forLease()).isSameAs(lease);
		assertThat(last().calls).as("such a use is a sign of life").isEmpty();
	}

	@Test
	void aUseThatFailsCostsTheConnection() throws Exception {
		forLease();
		assertThatExceptionOfType(SQLException.class)
			.isThrownBy(() -> this.connections.lease().beside(Duration.ZERO, (connection) -> {
				throw new SQLException("broken", "08006");
			}));
		awaitClosed(List.of(this.opened.get(0)));
		assertThat(forLease()).isSameAs(last().connection()).isNotSameAs(this.opened.get(0).connection());
	}

	@Test
	void aUseThatHangsCostsTheConnectionAndOneCall() throws Exception {
		StoreConnections connections = connections(from(this.opened), Limits.of(Duration.ofSeconds(8)));
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		connections.forLease(() -> "work", "tables", work);
		StubConnection hangs = last();
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		Background<Boolean> use = Background.call(() -> connections.lease().beside(Duration.ZERO, (connection) -> {
			begun.countDown();
			awaitUninterruptibly(goOn);
		}));
		awaitUninterruptibly(begun);
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> connections.forLease(() -> "work", "tables", work));
		Eventually.until("it is broken", () -> hangs.calls.contains("abort"));
		assertThat(connections.forLease(() -> "work", "tables", work)).isNotSameAs(hangs.connection());
		goOn.countDown();
		use.join();
		awaitClosed(List.of(hangs));
	}

	@Test
	void aUseThatHangsIsBrokenByTheClose() throws Exception {
		forLease();
		CountDownLatch begun = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		Background<Boolean> use = Background.call(() -> this.connections.lease().beside(Duration.ZERO, (connection) -> {
			begun.countDown();
			awaitUninterruptibly(goOn);
		}));
		awaitUninterruptibly(begun);
		this.connections.close();
		Eventually.until("it is broken", () -> last().calls.contains("abort"));
		goOn.countDown();
		use.join();
		awaitClosed(List.of(last()));
	}

	@Test
	void nobodyUsesAConnectionThatWasGivenUp() throws Exception {
		forLease();
		StoreConnection lease = this.connections.lease();
		lease.drop();
		assertThat(lease.beside(Duration.ZERO, (connection) -> {
			throw new SQLException("it was given up");
		})).isFalse();
	}

	// interrupts

	@Test
	void anInterruptIsHeldBackUntilTheCallIsOver() {
		Thread.currentThread().interrupt();
		boolean during = this.connections.forKeys(() -> "work", "tables",
				(session) -> session.run((connection) -> Thread.currentThread().isInterrupted()));
		assertThat(Thread.interrupted()).isTrue();
		assertThat(during).isFalse();
	}

	@Test
	void anInterruptKeepsNoConnectionFromBeingClosed() throws Exception {
		forLease();
		forKeys();
		Thread.currentThread().interrupt();
		this.connections.close();
		assertThat(Thread.interrupted()).isTrue();
		assertThat(this.opened).hasSize(2);
		awaitClosed(this.opened);
	}

	@Test
	void anInterruptInAPauseIsHeldBackAsWell() {
		List<Boolean> during = new ArrayList<>();
		this.connections.forKeys(() -> "work", "tables", (session) -> {
			Thread.currentThread().interrupt();
			session.pause(1);
			return during.add(Thread.currentThread().isInterrupted());
		});
		assertThat(Thread.interrupted()).isTrue();
		assertThat(during).containsExactly(false);
	}

	// own connections

	@Test
	void ownConnectionsSayWhoseTheyAre() {
		this.connections.source().label("worker-1");
		forLease();
		assertThat(this.statements.labels).containsExactly("cross-process-lock worker-1");
	}

	@Test
	void anOwnConnectionThatDoesNotFindTheRowOfTheProofIsClosedAndTheRowRemoved() throws Exception {
		this.statements.finds = false;
		Connection used = forKeys();
		assertThat(this.opened).hasSize(1);
		awaitClosed(this.opened);
		assertThat(this.borrowed).extracting(StubConnection::connection).contains(used);
		assertThat(this.statements.deleted).containsExactly(this.opened.get(0).connection(),
				this.borrowed.get(0).connection());
		awaitClosed(this.borrowed);
	}

	@ParameterizedTest
	@MethodSource("failures")
	void theConnectionOfThePoolGoesBackWhateverKeepsTheRowOfTheProof(Throwable failure) throws Exception {
		this.statements.deleteFailure = failure;
		Connection used = forKeys();
		assertThat(this.borrowed).extracting(StubConnection::connection).contains(used);
		awaitClosed(this.opened);
		awaitClosed(this.borrowed);
	}

	@Test
	void anOwnConnectionThatDoesNotFindTheTablesIsRefusedWithWhatTheDatabaseSays() {
		SQLException missing = new SQLException("no such table", "42P01");
		DataSource plain = from(this.opened);
		StoreConnections connections = connections(DataSources.of(() -> {
			this.statements.probeFailure = missing;
			return plain.getConnection();
		}), LIMITS);
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> connections.forKeys(() -> "work", "tables", (session) -> "not reached"))
			.havingCause()
			.isSameAs(missing);
		assertThat(missing.getSuppressed()).singleElement()
			.satisfies((refused) -> assertThat(refused).hasMessageContaining("does not reach the same tables")
				.hasCause(missing));
	}

	@Test
	void ownConnectionsAreProvenAgainAfterTheyWereRefused() throws Exception {
		AtomicInteger refusals = new AtomicInteger();
		DataSource plain = from(this.opened);
		StoreConnections connections = connections(DataSources.of(() -> {
			if (refusals.getAndUpdate((left) -> Math.max(0, left - 1)) > 0) {
				throw new SQLException("refused", "08001");
			}
			return plain.getConnection();
		}), LIMITS);
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		connections.forLease(() -> "work", "tables", work);
		assertThat(this.statements.deleted).hasSize(1);
		refusals.set(1);
		connections.forKeys(() -> "work", "tables", work);
		assertThat(connections.source().areOwn()).contains(false);
		this.time.pass(ConnectionRefusal.FIRST_PAUSE);
		Eventually.until("own ones are used again", () -> {
			connections.forKeys(() -> "work", "tables", work);
			return connections.source().areOwn().orElse(false);
		});
		assertThat(this.statements.deleted).hasSize(2);
	}

	@Test
	void anOwnConnectionThatCannotBeSetUpIsClosed() throws Exception {
		forKeys();
		failForKeys("08006");
		this.statements.failure = new SQLException("broken", "08006");
		this.statements.unprepared.set(1);
		assertThat(forKeys()).isSameAs(this.borrowed.get(1).connection());
		assertThat(this.opened).hasSize(2);
		awaitClosed(this.opened);
	}

	@Test
	void theRowOfAProofCountsForLongerThanAProofTakes() {
		StoreConnections connections = connections(from(this.opened), Limits.of(LeaseOptions.DEFAULT_LEASE_DURATION));
		connections.forKeys(() -> "work", "tables", (session) -> session.run((connection) -> connection));
		assertThat(this.statements.proofs).singleElement()
			.satisfies((proof) -> assertThat(proof).isGreaterThan(LeaseOptions.DEFAULT_LEASE_DURATION));
	}

	@Test
	void aRefusedLoginIsNotRepeatedWhileThePoolGivesNothingEither() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		DataSource plain = from(this.opened);
		SQLException refused = new SQLException("password", "28P01");
		SQLException usedUp = new SQLException("none left", "08001");
		DataSource plainPool = from(this.borrowed);
		DataSource pool = DataSources.of(() -> {
			if (attempts.get() > 1) {
				throw usedUp;
			}
			return plainPool.getConnection();
		});
		StoreConnections connections = connections(pool, DataSources.of(() -> {
			if (attempts.getAndIncrement() > 0) {
				throw refused;
			}
			return plain.getConnection();
		}));
		connections.forLease(() -> "work", "tables", (session) -> session.run((connection) -> connection));
		StoreConnection.Work<String> work = (session) -> session.run((connection) -> "not reached");
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> connections.forKeys(() -> "work", "tables", work))
			.matches((ex) -> !ex.isPermanent())
			.havingCause()
			.isSameAs(usedUp);
		assertThat(usedUp.getSuppressed()).containsExactly(refused);
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> connections.forKeys(() -> "work", "tables", work))
			.havingCause()
			.isSameAs(usedUp);
		assertThat(attempts).hasValue(2);
	}

	@Test
	void aPoolWhoseConnectionsDoNotWorkSaysNothingAgainstOwnOnes() {
		forKeys();
		failForKeys("08006");
		this.statements.failure = new SQLException("broken", "08006");
		this.statements.unprepared.set(1);
		this.statements.probeFailure = new SQLException("broken as well", "08006");
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(this::forKeys);
		assertThat(this.connections.source().areOwn()).contains(true);
	}

	@Test
	void anOwnConnectionThatComesWhileThePoolGivesNoneIsClosedAndTriedAgainAfterAPause() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		AtomicBoolean usedUp = new AtomicBoolean();
		DataSource plain = from(this.opened);
		DataSource plainPool = from(this.borrowed);
		DataSource pool = DataSources.of(() -> {
			if (usedUp.get()) {
				throw new SQLException("none left", "08001");
			}
			return plainPool.getConnection();
		});
		StoreConnections connections = connections(pool, DataSources.of(() -> {
			if (attempts.getAndIncrement() == 0) {
				throw new SQLException("refused", "08001");
			}
			return plain.getConnection();
		}));
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		connections.forKeys(() -> "work", "tables", work);
		this.time.pass(ConnectionRefusal.FIRST_PAUSE);
		connections.forKeys(() -> "work", "tables", work);
		usedUp.set(true);
		Eventually.until("it is closed", () -> {
			assertThatExceptionOfType(LockStoreException.class)
				.isThrownBy(() -> connections.forKeys(() -> "work", "tables", work));
			return this.opened.size() == 1 && this.opened.get(0).closed;
		});
		usedUp.set(false);
		for (int i = 0; i < 5; i++) {
			connections.forKeys(() -> "work", "tables", work);
		}
		assertThat(attempts).hasValue(2);
	}

	@Test
	void eachOutageOfOwnConnectionsIsSaid() throws Exception {
		AtomicBoolean refuses = new AtomicBoolean();
		DataSource plain = from(this.opened);
		StoreConnections connections = connections(DataSources.of(() -> {
			if (refuses.get()) {
				throw new SQLException("password", "28P01");
			}
			return plain.getConnection();
		}), LIMITS);
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		try (CapturedLog log = new CapturedLog()) {
			for (int outage = 1; outage <= 2; outage++) {
				refuses.set(true);
				connections.aside(() -> "work", "tables", work);
				assertThat(log.warnings().filter((line) -> line.contains("cannot be used"))).hasSize(outage);
				refuses.set(false);
				this.time.pass(ConnectionRefusal.LONGEST_PAUSE);
				Eventually.until("own ones are used again", () -> {
					connections.aside(() -> "work", "tables", work);
					return connections.source().areOwn().orElse(false);
				});
				assertThat(log.infos().filter((line) -> line.contains("can be used again"))).hasSize(outage);
			}
		}
	}

	@ParameterizedTest
	@MethodSource("failures")
	void ownConnectionsThatFailWithADefectAreRefusedLikeOthers(Throwable failure) {
		this.statements.nameFailure = failure;
		assertThat(this.borrowed).isEmpty();
		Connection used = forKeys();
		assertThat(this.borrowed).extracting(StubConnection::connection).contains(used);
		assertThat(this.connections.source().areOwn()).contains(false);
	}

	/** Refuses own connections once. */
	private StoreConnections refusedOnce(DataSource own) {
		AtomicInteger attempts = new AtomicInteger();
		return connections(DataSources.of(() -> {
			if (attempts.getAndIncrement() == 0) {
				throw new SQLException("refused", "08001");
			}
			return own.getConnection();
		}), LIMITS);
	}

	@Test
	void anOwnConnectionOnTrialThatCannotBeClosedDoesNotHoldUpTheClose() throws Exception {
		CountDownLatch never = new CountDownLatch(1);
		DataSource plain = from(this.opened);
		StoreConnections connections = refusedOnce(DataSources.of(() -> {
			Connection made = plain.getConnection();
			last().closesAfter(never);
			return made;
		}));
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		connections.forKeys(() -> "work", "tables", work);
		this.time.pass(ConnectionRefusal.FIRST_PAUSE);
		connections.forKeys(() -> "work", "tables", work);
		Eventually.until("it is there", () -> !this.opened.isEmpty());
		awaitRestOf("cross-process-lock-connect");
		try {
			assertThat(closed(connections).join()).isTrue();
		}
		finally {
			never.countDown();
		}
	}

	@Test
	void anOwnConnectionOnTrialThatHangsDoesNotHoldUpTheClose() throws Exception {
		StoreConnections connections = refusedOnce(from(this.opened));
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		connections.forKeys(() -> "work", "tables", work);
		this.time.pass(ConnectionRefusal.FIRST_PAUSE);
		connections.forKeys(() -> "work", "tables", work);
		Eventually.until("it is there", () -> !this.opened.isEmpty());
		awaitRestOf("cross-process-lock-connect");
		CountDownLatch never = new CountDownLatch(1);
		this.statements.deleting = never;
		Background<Connection> adopting = Background.call(() -> connections.forKeys(() -> "work", "tables", work))
			.untilItWaits();
		try {
			assertThat(closed(connections).join()).isTrue();
		}
		finally {
			never.countDown();
		}
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(adopting::join);
		awaitClosed(this.opened);
		awaitClosed(this.borrowed);
	}

	@Test
	void anOwnConnectionOnTrialThatHangsIsBrokenAndAnotherFollows() throws Exception {
		StoreConnections connections = refusedOnce(from(this.opened));
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		connections.forKeys(() -> "work", "tables", work);
		this.time.pass(ConnectionRefusal.FIRST_PAUSE);
		Busy busy = new Busy();
		this.statements.naming = busy;
		Background<Connection> adopting = Background.call(() -> {
			while (busy.begun.getCount() > 0) {
				connections.forKeys(() -> "work", "tables", work);
			}
			return null;
		});
		awaitUninterruptibly(busy.begun);
		this.statements.naming = null;
		StubConnection hangs = last();
		this.time.pass(ConnectionRefusal.LONGEST_PAUSE);
		Eventually.until("another one is used", () -> {
			connections.forKeys(() -> "work", "tables", work);
			return connections.source().areOwn().orElse(false);
		});
		brokenWhenOverdue(connections, hangs);
		busy.goOn.countDown();
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(adopting::join)
			.withMessageContaining("no answer from the database");
		awaitClosed(List.of(hangs));
		assertThat(connections.source().areOwn()).contains(true);
	}

	private static Background<Boolean> closed(StoreConnections connections) {
		return Background.call(() -> {
			connections.close();
			return true;
		});
	}

	/** Until the threads of that name have nothing to do. */
	private static void awaitRestOf(String name) throws InterruptedException {
		Eventually.until("they rest",
				() -> Thread.getAllStackTraces()
					.keySet()
					.stream()
					.filter((thread) -> thread.getName().equals(name))
					.allMatch((thread) -> thread.getState() == Thread.State.TIMED_WAITING));
	}

	@Test
	void anOwnConnectionThatComesAfterTheCloseIsClosed() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		CountDownLatch asked = new CountDownLatch(1);
		CountDownLatch comes = new CountDownLatch(1);
		DataSource plain = from(this.opened);
		StoreConnections connections = connections(DataSources.of(() -> {
			if (attempts.getAndIncrement() == 0) {
				throw new SQLException("refused", "08001");
			}
			asked.countDown();
			awaitUninterruptibly(comes);
			return plain.getConnection();
		}), LIMITS);
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		connections.forKeys(() -> "work", "tables", work);
		this.time.pass(ConnectionRefusal.FIRST_PAUSE);
		connections.forKeys(() -> "work", "tables", work);
		awaitUninterruptibly(asked);
		connections.close();
		comes.countDown();
		Eventually.until("it is closed", () -> this.opened.size() == 1 && this.opened.get(0).closed);
	}

	@Test
	void aTrialThatTakesTooLongIsGivenUpAndAnotherFollows() throws Exception {
		AtomicInteger attempts = new AtomicInteger();
		CountDownLatch comes = new CountDownLatch(1);
		DataSource plain = from(this.opened);
		StoreConnections connections = connections(DataSources.of(() -> {
			int attempt = attempts.getAndIncrement();
			if (attempt == 0) {
				throw new SQLException("refused", "08001");
			}
			if (attempt == 1) {
				awaitUninterruptibly(comes);
			}
			return plain.getConnection();
		}), LIMITS);
		StoreConnection.Work<Connection> work = (session) -> session.run((connection) -> connection);
		connections.forKeys(() -> "work", "tables", work);
		this.time.pass(ConnectionRefusal.FIRST_PAUSE);
		connections.forKeys(() -> "work", "tables", work);
		Eventually.until("it hangs", () -> attempts.get() == 2);
		this.time.pass(LIMITS.sending().plusNanos(1));
		connections.forKeys(() -> "work", "tables", work);
		this.time.pass(ConnectionRefusal.LONGEST_PAUSE);
		Eventually.until("another one is used", () -> {
			connections.forKeys(() -> "work", "tables", work);
			return connections.source().areOwn().orElse(false);
		});
		StubConnection used = last();
		comes.countDown();
		Eventually.until("the late one is closed", () -> this.opened.size() == 2 && last().closed);
		assertThat(used.closed).isFalse();
	}

}
