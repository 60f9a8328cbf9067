package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.SharedGuards;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What only PostgreSQL has. */
abstract class PostgresCommitFenceContract extends CommitFenceContract {

	@Override
	public final boolean refusesAStaleSnapshot(Isolation isolation) {
		return isolation == Isolation.REPEATABLE_READ || isolation == Isolation.SERIALIZABLE;
	}

	@Override
	public final void untilTheHolderIsSettled() throws InterruptedException {
		Eventually.until("it listens", () -> scene().isHolderListening());
	}

	@Override
	public final String countOfWaitingSessions() {
		return "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
	}

	@Test
	void transactionThatIsReadOnlyNeedsNoFenceAndIsToldSo() throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		try (Connection connection = scene.connect()) {
			try (FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				assertThat(scene.fence().isNeedless(connection)).isFalse();
				try (Statement statement = connection.createStatement()) {
					statement.execute("set transaction read only");
				}
				assertThat(scene.fence().isNeedless(connection)).isTrue();
				assertThatExceptionOfType(SQLException.class).isThrownBy(transaction::commit)
					.withMessageContaining("The transaction is read-only")
					.withMessageContaining("needs no fence")
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("25006"));
			}
			assertThat(guard.isHeld()).isTrue();
			connection.setReadOnly(true);
			connection.setAutoCommit(false);
			assertThat(scene.fence().isNeedless(connection)).isTrue();
			connection.rollback();
		}
		guard.close();
	}

	@Test
	void sessionThatStopsBetweenCheckAndCommitIsEndedAfterTheLeaseDuration() throws Exception {
		Duration lease = Duration.ofSeconds(2);
		try (FenceScene scene = new FenceScene(database(), lease)) {
			LockGuard guard = scene.hold();
			try (Connection connection = scene.connect()) {
				connection.setAutoCommit(false);
				scene.write(connection, "too late");
				long checked = System.nanoTime();
				FencedCommit commit = scene.fence().check(connection, List.of(guard));
				try (LockGuard next = scene.takeFromHolder(scene.key())) {
					assertThat(Duration.ofNanos(System.nanoTime() - checked))
						.isGreaterThanOrEqualTo(lease.dividedBy(2));
					assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
				}
				assertThatExceptionOfType(SQLException.class).isThrownBy(connection::commit);
				commit.close();
			}
			assertThat(scene.written()).isEmpty();
		}
	}

	@Test
	void limitOfAnIdleTransactionEndsWithIt() throws Exception {
		try (LockGuard guard = scene().hold(); Connection connection = scene().connect()) {
			String before = idleLimit(connection);
			connection.setAutoCommit(false);
			try (FencedCommit commit = scene().fence().check(connection, List.of(guard))) {
				assertThat(idleLimit(connection)).isNotEqualTo(before);
				connection.commit();
				commit.committed();
			}
			assertThat(idleLimit(connection)).isEqualTo(before);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "1500ms", "7s", "1min" })
	void shorterLimitOfTheSessionStays(String limit) throws Exception {
		try (LockGuard guard = scene().hold(); Connection connection = scene().connect()) {
			setIdleLimit(connection, limit);
			connection.setAutoCommit(false);
			try (FencedCommit commit = scene().fence().check(connection, List.of(guard))) {
				assertThat(idleLimit(connection)).isEqualTo(limit);
				connection.commit();
				commit.committed();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "1d" })
	void longerOrNoLimitOfTheSessionIsShortenedToThatOfTheLease(String limit) throws Exception {
		try (LockGuard guard = scene().hold(); Connection connection = scene().connect()) {
			setIdleLimit(connection, limit);
			connection.setAutoCommit(false);
			try (FencedCommit commit = scene().fence().check(connection, List.of(guard))) {
				assertThat(idleLimit(connection)).as("the lease of the scene").isEqualTo("3min");
				connection.commit();
				commit.committed();
			}
		}
	}

	private static void setIdleLimit(Connection connection, String limit) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute("set idle_in_transaction_session_timeout = '" + limit + "'");
		}
	}

	private static String idleLimit(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("show idle_in_transaction_session_timeout")) {
			row.next();
			return row.getString(1);
		}
	}

	@Test
	void commitsUnderGuardsThatShareAKeyDoNotWaitForEachOther() throws Exception {
		FenceScene scene = scene();
		List<LockGuard> guards = SharedGuards.take(scene.holder(), scene.key(), 2);
		try (LockGuard one = guards.get(0);
				LockGuard two = guards.get(1);
				Connection first = scene.connect();
				Connection second = scene.connect()) {
			first.setAutoCommit(false);
			second.setAutoCommit(false);
			scene.write(first, "one");
			scene.write(second, "two");
			FencedCommit earlier = scene.fence().check(first, List.of(one));
			FencedCommit later = scene.fence().check(second, List.of(two));
			second.commit();
			later.committed();
			first.commit();
			earlier.committed();
		}
		assertThat(scene.written()).containsExactly("one", "two");
	}

}
