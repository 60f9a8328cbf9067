package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What others can do between the check and the commit, and what they cannot. */
interface FenceInCommitContract {

	/** Looks at a busy key that fit into it: several. */
	Duration SOME_LOOKS = Duration.ofMillis(300);

	/** Long enough for a release and a look, on any machine. */
	Duration SOON = Duration.ofSeconds(20);

	FenceScene scene();

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	default void successorGetsTheKeyOfAReapedHolderWhenItsTransactionIsOver(boolean commits) throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		try (Connection connection = scene.connect()) {
			connection.setAutoCommit(false);
			scene.write(connection, "just in time");
			try (FencedCommit commit = scene.fence().check(connection, List.of(guard))) {
				scene.reapHolder();
				assertThatExceptionOfType(LockTimeoutException.class)
					.isThrownBy(() -> scene.successor().lock(scene.key(), SOME_LOOKS));
				Background<LockGuard> waiting = Background
					.call(() -> scene.successor().lock(scene.key(), Eventually.LIMIT))
					.untilItWaits();
				assertThat(scene.look(scene.key()).token()).isEqualTo(guard.fencingToken());
				if (commits) {
					connection.commit();
					commit.committed();
				}
				else {
					connection.rollback();
					commit.rolledBack();
				}
				try (LockGuard next = waiting.join()) {
					assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
				}
			}
		}
		assertThat(scene.written()).hasSize(commits ? 1 : 0);
	}

	@Test
	default void closeOfAGuardInCommitReturnsAtOnceAndTheReleaseFollowsTheCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		try (Connection connection = scene.connect()) {
			try (FencedTransaction before = scene.fence().begin(connection, guard)) {
				before.commit();
			}
			connection.setAutoCommit(false);
			scene.write(connection, "in commit");
			try (FencedCommit commit = scene.fence().check(connection, List.of(guard))) {
				// on the thread that is to commit
				guard.close();
				assertThat(guard.isHeld()).isFalse();
				Background<LockGuard> ofThisProcess = Background.call(() -> scene.hold()).untilItWaits();
				assertThat(scene.successor().tryLock(scene.key())).isEmpty();
				connection.commit();
				assertThat(scene.successor().tryLock(scene.key())).as("the process does not know yet").isEmpty();
				assertThat(ofThisProcess.isDone()).isFalse();
				commit.committed();
				ofThisProcess.join().close();
			}
		}
		scene.successor().lock(scene.key(), Eventually.LIMIT).close();
		assertThat(scene.written()).containsExactly("in commit");
	}

	@Test
	default void commitOfKnownOutcomeLetsTheKeyBeHandedOnInTheProcess() throws InterruptedException {
		FenceScene scene = scene();
		// hand-offs end after a tenth of a second, which a busy machine may need for one
		Eventually.until("the key is handed on without a statement", () -> isHandedOnAfterACommit(scene));
	}

	private boolean isHandedOnAfterACommit(FenceScene scene) {
		try (Connection connection = scene.connect()) {
			LockGuard guard = scene.hold();
			long granted = scene.look(scene.key()).token();
			Background<LockGuard> next = Background.call(() -> scene.hold()).untilItWaits();
			try (FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				transaction.commit();
			}
			guard.close();
			try (LockGuard handedOn = next.join()) {
				return scene.look(scene.key()).token() == granted && handedOn.fencingToken() > guard.fencingToken();
			}
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
	}

	@Test
	default void commitOfUnknownOutcomeGivesTheKeyBackThroughTheStore() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		long granted = scene.look(scene.key()).token();
		try (Connection connection = scene.connect()) {
			WatchedConnection watched = new WatchedConnection(connection);
			try (FencedTransaction transaction = scene.fence().begin(watched.connection(), guard)) {
				scene.write(connection, "unknown");
				Background<LockGuard> ofThisProcess = Background.call(() -> scene.hold()).untilItWaits();
				watched.breakAtCommit();
				assertThatExceptionOfType(SQLException.class).isThrownBy(transaction::commit).withMessage("broken");
				guard.close();
				try (LockGuard next = ofThisProcess.join()) {
					assertThat(scene.look(scene.key()).token()).as("granted anew").isGreaterThan(granted);
					assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
				}
			}
			catch (SQLException ex) {
				assertThat(connection.isClosed()).isTrue();
			}
		}
		scene.successor().lock(scene.key(), Eventually.LIMIT).close();
		assertThat(scene.written()).isEmpty();
	}

	@Test
	default void checkThatFailsWithAnErrorLeavesNoGuardInCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		try (Connection connection = scene.connect()) {
			connection.setAutoCommit(false);
			Connection broken = (Connection) Proxy.newProxyInstance(FenceInCommitContract.class.getClassLoader(),
					new Class<?>[] { Connection.class }, (proxy, method, arguments) -> {
						if (method.getName().equals("prepareStatement")) {
							throw new NoClassDefFoundError("of the driver");
						}
						return method.invoke(connection, arguments);
					});
			assertThatExceptionOfType(NoClassDefFoundError.class)
				.isThrownBy(() -> scene.fence().check(broken, List.of(guard)));
			connection.rollback();
		}
		guard.close();
		scene.successor().lock(scene.key(), SOON).close();
	}

	@Test
	default void openFenceHoldsNothingElseUp() throws Exception {
		FenceScene scene = scene();
		JdbcLeaseStore store = scene.store();
		LockGuard guard = scene.hold();
		LockGuard other = scene.hold(scene.key("other"));
		String leaseId = Objects.requireNonNull(scene.look(scene.key()).leaseId());
		try (Connection connection = scene.connect()) {
			connection.setAutoCommit(false);
			scene.write(connection, "long open");
			try (FencedCommit commit = scene.fence().check(connection, List.of(guard))) {
				// each would fail with a timeout if it had to wait for the transaction
				assertThat(store.renew(leaseId)).isPresent();
				assertThat(store.reap(leaseId)).isFalse();
				store.purge(Duration.ZERO);
				assertThat(scene.look(scene.key()).leaseId()).isEqualTo(leaseId);
				other.close();
				scene.successor().tryLock(other.key()).orElseThrow().close();
				scene.successor().tryLock(scene.key("new")).orElseThrow().close();
				assertThat(acquireBoth(store, scene.key(), scene.key("third"))).containsExactly(Busy.class,
						Granted.class);
				assertThat(connection.isClosed()).isFalse();
				connection.commit();
				commit.committed();
			}
		}
		assertThat(scene.written()).containsExactly("long open");
	}

	private List<Class<?>> acquireBoth(JdbcLeaseStore store, String busy, String free) {
		String leaseId = UUID.randomUUID().toString();
		store.open(leaseId, "somebody", Duration.ofMinutes(1));
		return store
			.acquire(leaseId, Long.MAX_VALUE,
					List.of(new AcquireOrder(busy, null, false), new AcquireOrder(free, null, false)))
			.stream()
			// they come in any order
			.sorted(Comparator.comparing((result) -> List.of(busy, free).indexOf(result.key())))
			.<Class<?>>map(Object::getClass)
			.toList();
	}

	@Test
	default void fenceDoesNotWaitForStatementsAboutLeasesAndOtherKeys() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		scene.hold(scene.key("held"));
		scene.hold(scene.key("released")).close();
		try (Connection busy = scene.connect(); Connection connection = scene.connect()) {
			busy.setAutoCommit(false);
			// a renewal, a purge, a release and the acquisition of a new key, all under
			// way
			FenceScene.run(busy, "update cross_process_lease set renewals = renewals + 1");
			FenceScene.run(busy, "delete from cross_process_lock where lock_key = ?", scene.key("released"));
			FenceScene.run(busy, "update cross_process_lock set lease_id = null where lock_key = ?", scene.key("held"));
			FenceScene.run(busy, "insert into cross_process_lock (lock_key, token) values (?, 1)", scene.key("new"));
			try (FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				scene.write(connection, "through");
				transaction.commit();
			}
			busy.rollback();
		}
		assertThat(scene.written()).containsExactly("through");
	}

}
