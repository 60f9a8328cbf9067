package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The fence with guards that were handed on or are several. */
interface FencedGuardsContract {

	FenceScene scene();

	/** Counts the sessions that wait for a row. */
	String countOfWaitingSessions();

	@Test
	default void guardThatWasHandedOnInTheProcessCommits() throws Exception {
		FenceScene scene = scene();
		try (LockGuard guard = handedOn();
				Connection connection = scene.connect();
				FencedTransaction transaction = scene.fence().begin(connection, guard)) {
			assertThat(scene.look(scene.key()).token()).isLessThan(guard.fencingToken());
			scene.write(connection, "handed on");
			transaction.commit();
		}
		assertThat(scene().written()).containsExactly("handed on");
	}

	/** Hand-offs have to happen soon after the grant, which this thread may miss. */
	private LockGuard handedOn() throws Exception {
		while (true) {
			LockGuard first = scene().hold();
			Background<LockGuard> waiter = Background.call(() -> scene().hold()).untilItWaits();
			first.close();
			LockGuard next = waiter.join();
			if (next.fencingToken() == first.fencingToken() + 1) {
				return next;
			}
			next.close();
		}
	}

	@Test
	default void allGuardsAreNeededForACommit() throws Exception {
		FenceScene scene = scene();
		LockGuard kept = scene.hold(scene.key("kept"));
		LockGuard taken = scene.hold(scene.key("taken"));
		LockGuard keptToo = scene.hold(scene.key("too"));
		try (Connection connection = scene.connect()) {
			try (FencedTransaction transaction = scene.fence().begin(connection, kept, taken, keptToo)) {
				scene.write(connection, "good");
				transaction.commit();
			}
			scene.takeFromHolder(taken.key()).close();
			try (FencedTransaction transaction = scene.fence().begin(connection, kept, taken, keptToo)) {
				scene.write(connection, "stale");
				assertThatExceptionOfType(LockLostException.class).isThrownBy(transaction::commit)
					.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(taken.key()));
			}
			assertThat(List.of(kept.isHeld(), taken.isHeld(), keptToo.isHeld())).containsExactly(true, false, true);
		}
		assertThat(scene.written()).containsExactly("good");
	}

	@Test
	default void everyGuardWhoseKeyWasTakenIsLost() throws Exception {
		FenceScene scene = scene();
		LockGuard one = scene.hold(scene.key("one"));
		LockGuard two = scene.hold(scene.key("two"));
		try (Connection connection = scene.connect()) {
			scene.takeFromHolder(one.key()).close();
			scene.takeFromHolder(two.key()).close();
			try (FencedTransaction transaction = scene.fence().begin(connection, one, two)) {
				assertThatExceptionOfType(LockLostException.class).isThrownBy(transaction::commit);
			}
		}
		assertThat(List.of(one.isHeld(), two.isHeld())).containsExactly(false, false);
	}

	@Test
	default void rowsAreLockedInTheOrderOfTheirKeys() throws Exception {
		FenceScene scene = scene();
		// not in the order in which the rows came into the table
		try (LockGuard second = scene.hold(scene.key("2"));
				LockGuard first = scene.hold(scene.key("1"));
				Connection before = scene.connect();
				Connection connection = scene.connect()) {
			before.setAutoCommit(false);
			assertThat(locks(before, first.key())).isTrue();
			connection.setAutoCommit(false);
			Background<FencedCommit> check = Background
				.call(() -> scene.fence().check(connection, List.of(second, first)));
			Eventually.until("the check waits for the first key", this::somebodyWaits);
			try (Connection probe = scene.connect()) {
				probe.setAutoCommit(false);
				assertThat(locks(probe, second.key())).as("the second row is not locked yet").isTrue();
				probe.rollback();
			}
			before.rollback();
			try (FencedCommit commit = check.join()) {
				connection.commit();
				commit.committed();
			}
		}
	}

	private boolean locks(Connection connection, String key) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement("select token from cross_process_lock where lock_key = ? for update skip locked")) {
			statement.setString(1, key);
			try (ResultSet row = statement.executeQuery()) {
				return row.next();
			}
		}
	}

	private boolean somebodyWaits() {
		try (Connection connection = scene().connect();
				PreparedStatement statement = connection.prepareStatement(countOfWaitingSessions());
				ResultSet row = statement.executeQuery()) {
			return row.next() && row.getInt(1) > 0;
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
