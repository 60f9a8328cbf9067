package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The fence at every isolation level, when the key is kept and when it is not. */
interface FencedIsolationContract {

	/** Record has changed since last read. */
	int MARIADB_CHANGED = 1020;

	FenceScene scene();

	/** Waits until the holder has sent what it sends by itself when it begins. */
	default void untilTheHolderIsSettled() throws InterruptedException {
	}

	/**
	 * Whether the database itself refuses, with a serialization failure, to lock a row
	 * that has changed since the snapshot of the transaction.
	 */
	boolean refusesAStaleSnapshot(Isolation isolation);

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SNAPSHOT")
	default void heartbeatsAndOtherKeysDoNotFailACommit(Isolation isolation) throws Exception {
		FenceScene scene = scene();
		try (LockGuard guard = scene.hold(); Connection connection = scene.connect(isolation)) {
			connection.setAutoCommit(false);
			scene.write(connection, "first");
			othersGoOn();
			scene.write(connection, "second");
			try (FencedCommit commit = scene.fence().check(connection, List.of(guard))) {
				othersGoOn();
				connection.commit();
				commit.committed();
			}
		}
		assertThat(scene.written()).containsExactly("first", "second");
	}

	private void othersGoOn() {
		FenceScene scene = scene();
		assertThat(scene.renewLeaseOf(scene.key())).isTrue();
		scene.holder().tryLock(scene.key("own")).orElseThrow().close();
		scene.successor().tryLock(scene.key("of-another")).orElseThrow().close();
		scene.successor().tryLock(scene.key("own")).orElseThrow().close();
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SNAPSHOT")
	default void transactionThatReadBeforeItsKeyWasTakenDoesNotCommit(Isolation isolation) throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		LockGuard next;
		try (Connection connection = scene.connect(isolation)) {
			try (FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				scene.write(connection, "stale");
				next = scene.takeFromHolder(scene.key());
				assertThat(guard.isHeld()).as("the holder has not noticed").isTrue();
				untilTheHolderIsSettled();
				int opened = scene.opened();
				assertThatExceptionOfType(LockLostException.class).isThrownBy(transaction::commit)
					.satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(refusesAStaleSnapshot(isolation) ? 1 : 0)
						.allSatisfy(FencedIsolationContract::isASerializationFailure));
				assertThat(scene.opened() - opened).as("connections beside those that the holder has")
					.isEqualTo(refusesAStaleSnapshot(isolation) ? 1 : 0);
			}
			assertThat(scene.written()).isEmpty();
			assertThat(guard.isHeld()).isFalse();
		}
		assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
		next.close();
	}

	private static void isASerializationFailure(Throwable failure) {
		assertThat(failure).isInstanceOfSatisfying(SQLException.class,
				(ex) -> assertThat(ex.getSQLState() + " " + ex.getErrorCode())
					.matches("40001 .*|HY000 " + MARIADB_CHANGED));
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SNAPSHOT")
	default void transactionThatBeganAfterItsKeyWasTakenDoesNotCommit(Isolation isolation) throws Exception {
		FenceScene scene = scene();
		LockGuard guard = scene.hold();
		CountDownLatch told = new CountDownLatch(1);
		guard.onLost(told::countDown);
		try (LockGuard next = scene.takeFromHolder(scene.key()); Connection connection = scene.connect(isolation)) {
			try (FencedTransaction transaction = scene.fence().begin(connection, guard)) {
				scene.write(connection, "stale");
				assertThatExceptionOfType(LockLostException.class).isThrownBy(transaction::commit)
					.withMessageContaining("'" + scene.key() + "'")
					.satisfies((ex) -> assertThat(ex.getFencingToken()).isEqualTo(guard.fencingToken()));
			}
			assertThat(guard.isHeld()).isFalse();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::checkHeld);
			Eventually.until("the guard is told", () -> told.getCount() == 0);
			assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
			assertThat(next.isHeld()).isTrue();
		}
		assertThat(scene.written()).isEmpty();
	}

}
