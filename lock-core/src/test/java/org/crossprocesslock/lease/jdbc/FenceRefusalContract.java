package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** What the fence does not accept, and what it finds lost. */
interface FenceRefusalContract {

	FenceScene scene();

	@Test
	default void keyThatWasTakenAndReleasedAgainFailsTheCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		scene.takeFromHolder(scene.key()).close();
		assertThat(scene.look(scene.key()).leaseId()).isNull();
		assertCommitIsLost(guard);
	}

	@Test
	default void keyThatTheSameProcessHasTakenAgainFailsTheCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		scene.execute("update cross_process_lock set token = token + ? where lock_key = ?", LeaseStore.TOKENS_PER_GRANT,
				scene.key());
		assertCommitIsLost(guard);
	}

	@Test
	default void keyWithoutARowFailsTheCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		scene.execute("delete from cross_process_lock where lock_key = ?", scene.key());
		assertCommitIsLost(guard);
	}

	private void assertCommitIsLost(LockGuard guard) throws SQLException {
		FenceScene scene = scene();
		try (Connection connection = scene.connect();
				FencedTransaction transaction = scene.fence().begin(connection, guard)) {
			scene.write(connection, "stale");
			assertThatExceptionOfType(LockLostException.class).isThrownBy(transaction::commit);
		}
		assertThat(scene.written()).isEmpty();
		assertThat(guard.isHeld()).isFalse();
	}

	@Test
	default void guardThatIsNewAgainAfterALossCommits() throws Exception {
		FenceScene scene = scene();
		LockGuard lost = scene.hold();
		scene.takeFromHolder(scene.key()).close();
		assertCommitIsLost(lost);
		try (LockGuard again = scene.hold();
				Connection connection = scene.connect();
				FencedTransaction transaction = scene.fence().begin(connection, again)) {
			scene.write(connection, "good");
			transaction.commit();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> scene.fence().begin(connection, lost));
		}
		assertThat(scene.written()).containsExactly("good");
	}

	@Test
	default void lostGuardCannotBegin() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		scene.takeFromHolder(scene.key()).close();
		assertCommitIsLost(guard);
		try (Connection connection = scene.connect()) {
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> scene.fence().begin(connection, guard));
			assertThat(connection.getAutoCommit()).isTrue();
		}
	}

	@Test
	default void closedGuardCannotBegin() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		guard.close();
		try (Connection connection = scene.connect()) {
			assertThatIllegalStateException().isThrownBy(() -> scene.fence().begin(connection, guard))
				.withMessageContaining("'" + scene.key() + "'");
			assertThat(connection.getAutoCommit()).isTrue();
		}
	}

	@Test
	default void guardThatIsClosedBeforeTheCommitFailsIt() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		try (Connection connection = scene.connect();
				FencedTransaction transaction = scene.fence().begin(connection, guard)) {
			scene.write(connection, "unprotected");
			guard.close();
			assertThatIllegalStateException().isThrownBy(transaction::commit)
				.withMessageContaining("'" + scene.key() + "'");
		}
		assertThat(scene.written()).isEmpty();
	}

	@Test
	default void oldGuardOfAKeyThatTheSameProcessHoldsAgainFailsTheCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard old = scene.hold();
		try (Connection connection = scene.connect();
				FencedTransaction transaction = scene.fence().begin(connection, old)) {
			scene.write(connection, "unprotected");
			old.close();
			try (LockGuard again = scene.hold()) {
				assertThatIllegalStateException().isThrownBy(transaction::commit);
				assertThat(again.isHeld()).isTrue();
			}
		}
		assertThat(scene.written()).isEmpty();
	}

	@Test
	default void guardsOfOthersAreRefused() throws Exception {
		FenceScene scene = scene();
		try (LockManager memory = new MemoryLockManager(new LockListener() {
		});
				LockGuard ofMemory = memory.tryLock(scene.key()).orElseThrow();
				LockGuard ofAnotherStore = scene.successor().tryLock(scene.key()).orElseThrow();
				Connection connection = scene.connect()) {
			for (LockGuard guard : List.of(ofMemory, ofAnotherStore)) {
				assertThat(scene.fence().covers(guard)).isFalse();
				assertThatIllegalArgumentException().isThrownBy(() -> scene.fence().begin(connection, guard))
					.withMessageContaining("'" + scene.key() + "'");
				assertThatIllegalArgumentException().isThrownBy(() -> scene.fence().check(connection, List.of(guard)))
					.withMessageContaining("'" + scene.key() + "'");
			}
			assertThat(connection.getAutoCommit()).isTrue();
		}
	}

	@Test
	default void oneGuardOfAnotherStoreLeavesTheOthersOutOfCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard own = scene.hold(scene.key("own"));
		try (LockGuard other = scene.successor().tryLock(scene.key()).orElseThrow();
				Connection connection = scene.connect()) {
			assertThatIllegalArgumentException().isThrownBy(() -> scene.fence().check(connection, List.of(own, other)));
		}
		own.close();
		assertThat(scene.look(scene.key("own")).leaseId()).isNull();
	}

	@Test
	default void transactionNeedsAGuard() throws Exception {
		try (Connection connection = scene().connect()) {
			assertThatIllegalArgumentException().isThrownBy(() -> scene().fence().begin(connection))
				.withMessageContaining("no guard");
		}
	}

	@Test
	default void connectionThatIsInATransactionIsRefused() throws Exception {
		try (LockGuard guard = scene().hold(); Connection connection = scene().connect()) {
			connection.setAutoCommit(false);
			assertThatIllegalStateException().isThrownBy(() -> scene().fence().begin(connection, guard))
				.withMessageContaining("autocommit");
		}
	}

	@Test
	default void connectionWithoutATransactionIsNotChecked() throws Exception {
		try (LockGuard guard = scene().hold(); Connection connection = scene().connect()) {
			assertThatIllegalStateException().isThrownBy(() -> scene().fence().check(connection, List.of(guard)))
				.withMessageContaining("autocommit");
		}
	}

	@Test
	default void checkThatIsRefusedForOneGuardLeavesTheOthersOutOfCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard held = scene.hold(scene.key("held"));
		LockGuard closed = scene.hold();
		closed.close();
		try (Connection connection = scene.connect()) {
			connection.setAutoCommit(false);
			assertThatIllegalStateException().isThrownBy(() -> scene.fence().check(connection, List.of(held, closed)));
			held.close();
			scene.successor().tryLock(scene.key("held")).orElseThrow().close();
			connection.rollback();
		}
	}

	@Test
	default void lossOfOneGuardLeavesTheOthersOutOfCommit() throws Exception {
		FenceScene scene = scene();
		LockGuard held = scene.hold(scene.key("held"));
		LockGuard taken = scene.hold();
		scene.execute("update cross_process_lock set token = token + 1 where lock_key = ?", scene.key());
		try (Connection connection = scene.connect()) {
			connection.setAutoCommit(false);
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> scene.fence().check(connection, List.of(held, taken)));
			connection.rollback();
		}
		held.close();
		scene.successor().lock(scene.key("held"), Eventually.LIMIT).close();
	}

	@Test
	default void checkThatFailsWhileItsGuardIsLostIsALoss() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		try (Connection connection = scene.connect()) {
			connection.setAutoCommit(false);
			WatchedConnection watched = new WatchedConnection(connection);
			watched.beforeStatements(() -> {
				scene.holder().close();
				throw new SQLException("broken", "08006");
			});
			assertThatExceptionOfType(LockLostException.class)
				.isThrownBy(() -> scene.fence().check(watched.connection(), List.of(guard)))
				.satisfies((loss) -> assertThat(loss.getSuppressed()).singleElement()
					.satisfies((broken) -> assertThat(broken).hasMessage("broken")));
			connection.rollback();
		}
	}

}
