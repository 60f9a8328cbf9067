package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.lease.jdbc.WatchedConnection.Misfortune;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** What the fence does with the connection of a transaction. */
interface FencedConnectionContract {

	FenceScene scene();

	@Test
	default void transactionCommitsOnceAndLeavesTheConnectionInAutocommitMode() throws Exception {
		FenceScene scene = scene();
		try (LockGuard guard = scene.hold(); Connection connection = scene.connect()) {
			try (FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				scene.write(connection, "once");
				transaction.commit();
				assertThat(connection.getAutoCommit()).isTrue();
				assertThatIllegalStateException().isThrownBy(transaction::commit).withMessageContaining("over");
			}
			assertThat(connection.getAutoCommit()).isTrue();
		}
		assertThat(scene.written()).containsExactly("once");
	}

	@Test
	default void transactionThatIsClosedIsRolledBack() throws Exception {
		FenceScene scene = scene();
		try (LockGuard guard = scene.hold(); Connection connection = scene.connect()) {
			try (FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				scene.write(connection, "never");
				transaction.close();
				assertThatIllegalStateException().isThrownBy(transaction::commit);
			}
			assertThat(connection.getAutoCommit()).isTrue();
		}
		assertThat(scene.written()).isEmpty();
	}

	@Test
	default void commitThatTheDatabaseRefusesLeavesTheConnectionInAutocommitMode() throws Exception {
		FenceScene scene = scene();
		try (LockGuard guard = scene.hold(); Connection connection = scene.connect()) {
			WatchedConnection watched = new WatchedConnection(connection);
			try (FencedTransaction transaction = scene.fence().begin(watched.connection(), guard)) {
				scene.write(connection, "refused");
				watched.refuseCommit();
				assertThatExceptionOfType(SQLException.class).isThrownBy(transaction::commit).withMessage("refused");
			}
			assertThat(connection.getAutoCommit()).isTrue();
			assertThat(scene.written()).isEmpty();
		}
		assertThat(scene.look(scene.key()).leaseId()).isNull();
	}

	@Test
	default void whatFailsAfterTheCommitDoesNotHideIt() throws Exception {
		commitBefore(scene(), "one", () -> {
			throw new SQLException("refused", "40001");
		});
		commitBefore(scene(), "two", () -> {
			throw new IllegalStateException("a defect of the pool");
		});
		commitBefore(scene(), "three", () -> {
			throw new AbstractMethodError("of an old driver");
		});
		assertThat(scene().written()).containsExactlyInAnyOrder("one", "two", "three");
	}

	private static void commitBefore(FenceScene scene, String row, Misfortune misfortune) throws Exception {
		try (BrokenLog log = new BrokenLog(FencedTransaction.class);
				LockGuard guard = scene.hold();
				Connection connection = scene.connect()) {
			WatchedConnection watched = new WatchedConnection(connection);
			watched.beforeAutoCommit(misfortune);
			try (FencedTransaction transaction = scene.fence().begin(watched.connection(), guard)) {
				scene.write(connection, row);
				transaction.commit();
			}
			assertThat(log.asked()).containsExactly("WARN");
		}
	}

	@Test
	default void checkIsOneStatementForAnyNumberOfGuards() throws Exception {
		FenceScene scene = scene();
		try (LockGuard one = scene.hold();
				LockGuard two = scene.hold(scene.key("two"));
				LockGuard three = scene.hold(scene.key("three"));
				Connection connection = scene.connect()) {
			connection.setAutoCommit(false);
			for (List<LockGuard> guards : List.of(List.of(one), List.of(one, two, three))) {
				WatchedConnection watched = new WatchedConnection(connection);
				try (FencedCommit commit = scene.fence().check(watched.connection(), guards)) {
					assertThat(watched.executed()).hasSize(1);
					connection.commit();
					commit.committed();
				}
				assertThat(watched.executed()).hasSize(1);
			}
		}
	}

	@Test
	default void checkOfNoGuardSendsNothing() throws Exception {
		try (Connection connection = scene().connect()) {
			connection.setAutoCommit(false);
			WatchedConnection watched = new WatchedConnection(connection);
			try (FencedCommit commit = scene().fence().check(watched.connection(), List.of())) {
				commit.committed();
			}
			assertThat(watched.executed()).isEmpty();
		}
	}

	@Test
	default void conflictThatIsNotAboutTheKeyIsNoLoss() throws Exception {
		FenceScene scene = scene();
		try (LockGuard guard = scene.hold(); Connection connection = scene.connect()) {
			WatchedConnection watched = new WatchedConnection(connection);
			try (FencedTransaction transaction = scene.fence().begin(watched.connection(), guard)) {
				scene.write(connection, "refused");
				watched.refuseStatements();
				assertThatExceptionOfType(SQLException.class).isThrownBy(transaction::commit).withMessage("refused");
			}
			assertThat(guard.isHeld()).isTrue();
			try (FencedTransaction retry = scene.fence().begin(connection, guard)) {
				scene.write(connection, "in the next attempt");
				retry.commit();
			}
		}
		assertThat(scene.written()).containsExactly("in the next attempt");
	}

}
