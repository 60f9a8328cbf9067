package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** What MySQL and MariaDB have in common. */
abstract class MySqlCommitFenceContract extends CommitFenceContract {

	/**
	 * A locking read sees the newest row, whatever the snapshot, unless MariaDB is set to
	 * refuse it.
	 */
	@Override
	public final boolean refusesAStaleSnapshot(Isolation isolation) {
		return false;
	}

	@Override
	public final String countOfWaitingSessions() {
		// not innodb_trx: what it shows stays as it was for whoever asks again and again
		return "select variable_value from " + placeOfStatus()
				+ ".global_status where variable_name = 'innodb_row_lock_current_waits'";
	}

	/** The schema that has the status of the server. */
	private String placeOfStatus() {
		try (Connection connection = database().getConnection()) {
			return (Dialect.of(connection, null) == Dialect.MARIADB) ? "information_schema" : "performance_schema";
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** What a session may have set, and does to what it reads. */
	private List<String> kindsOfSessions() throws SQLException {
		try (Connection connection = database().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select version()")) {
			row.next();
			return row.getString(1).contains("MariaDB")
					? List.of("set innodb_snapshot_isolation = off", "set innodb_snapshot_isolation = on")
					: List.of("do 0");
		}
	}

	private Connection reading(String kind) throws SQLException {
		Connection connection = scene().connect(Isolation.REPEATABLE_READ);
		FenceScene.run(connection, kind);
		return connection;
	}

	@Test
	void snapshotFromBeforeItsKeyWasTakenDoesNotCommit() throws Exception {
		FenceScene scene = scene();
		for (String kind : kindsOfSessions()) {
			LockGuard guard = scene.hold();
			LockGuard next;
			try (Connection connection = reading(kind);
					FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				FenceScene.run(connection, "select * from cross_process_lock");
				scene.write(connection, "stale");
				next = scene.takeFromHolder(scene.key());
				assertThatExceptionOfType(LockLostException.class).as(kind).isThrownBy(transaction::commit);
			}
			assertThat(scene.written()).as(kind).isEmpty();
			assertThat(guard.isHeld()).isFalse();
			next.close();
		}
	}

	@Test
	void snapshotFromBeforeHeartbeatsAndOtherKeysCommits() throws Exception {
		FenceScene scene = scene();
		for (String kind : kindsOfSessions()) {
			try (LockGuard guard = scene.hold();
					Connection connection = reading(kind);
					FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				FenceScene.run(connection, "select * from cross_process_lock");
				scene.write(connection, kind);
				assertThat(scene.renewLeaseOf(scene.key())).isTrue();
				scene.successor().tryLock(scene.key("another")).orElseThrow().close();
				transaction.commit();
			}
		}
		assertThat(scene.written()).containsExactlyInAnyOrderElementsOf(kindsOfSessions());
	}

	/** The optimizer must not take a scan of the table for cheaper. */
	@Test
	void fenceOfSeveralKeysLocksNoOtherAndNoGap() throws Exception {
		FenceScene scene = scene();
		scene.execute("delete from cross_process_lock where lock_key not like ?", scene.key() + "%");
		for (Isolation isolation : List.of(Isolation.REPEATABLE_READ, Isolation.SERIALIZABLE)) {
			LockGuard one = scene.hold(scene.key("1"));
			LockGuard three = scene.hold(scene.key("3"));
			scene.successor().tryLock(scene.key("2")).orElseThrow().close();
			try (Connection connection = scene.connect(isolation)) {
				connection.setAutoCommit(false);
				try (FencedCommit commit = scene.fence().check(connection, List.of(one, three))) {
					scene.successor().tryLock(scene.key("2")).orElseThrow().close();
					scene.successor().tryLock(scene.key("2-new-" + isolation)).orElseThrow().close();
					scene.successor().tryLock(scene.key("4-new-" + isolation)).orElseThrow().close();
					connection.commit();
					commit.committed();
				}
			}
			one.close();
			three.close();
		}
	}

}
