package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.Background;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.SharedGuards;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** The fence with guards that share their keys inside the process. */
interface FencedSharingContract {

	FenceScene scene();

	@Test
	default void transactionsUnderTheSameKeysInOppositeOrderNeverDeadlock() throws Exception {
		FenceScene scene = scene();
		int rounds = 40;
		List<LockGuard> guards = new ArrayList<>();
		List<LockGuard> reversed = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			List<LockGuard> two = share(scene.key("key-" + i));
			guards.add(two.get(0));
			reversed.add(0, two.get(1));
		}
		Background<Integer> forwards = Background.call(() -> commit(guards, rounds));
		Background<Integer> backwards = Background.call(() -> commit(reversed, rounds));
		assertThat(forwards.join() + backwards.join()).isEqualTo(2 * rounds);
		assertThat(scene.written()).hasSize(2 * rounds);
		guards.forEach(LockGuard::close);
		reversed.forEach(LockGuard::close);
	}

	private List<LockGuard> share(String key) throws Exception {
		return SharedGuards.take(scene().holder(), key, 2);
	}

	private int commit(List<LockGuard> guards, int rounds) throws SQLException {
		int committed = 0;
		try (Connection connection = scene().connect()) {
			while (committed < rounds) {
				try (FencedTransaction transaction = scene().fence()
					.begin(connection, guards.toArray(LockGuard[]::new))) {
					scene().write(connection, "round");
					transaction.commit();
				}
				committed++;
			}
		}
		return committed;
	}

	@Test
	default void guardsThatShareAKeyBothCommit() throws Exception {
		FenceScene scene = scene();
		List<LockGuard> guards = share(scene.key());
		try (LockGuard one = guards.get(0);
				LockGuard two = guards.get(1);
				Connection first = scene.connect();
				Connection second = scene.connect()) {
			FencedTransaction earlier = scene.fence().begin(first, one);
			FencedTransaction later = scene.fence().begin(second, two);
			scene.write(first, "one");
			scene.write(second, "two");
			earlier.commit();
			later.commit();
			assertThat(one.isHeld()).isTrue();
		}
		assertThat(scene.written()).containsExactly("one", "two");
	}

	@Test
	default void transactionUnderTwoGuardsOfOneKeyCommits() throws Exception {
		FenceScene scene = scene();
		List<LockGuard> guards = share(scene.key());
		try (LockGuard one = guards.get(0);
				LockGuard two = guards.get(1);
				Connection connection = scene.connect();
				FencedTransaction transaction = scene.fence().begin(connection, one, two)) {
			scene.write(connection, "both");
			transaction.commit();
		}
		assertThat(scene.written()).containsExactly("both");
	}

	@Test
	default void sharedGuardThatIsClosedInCommitKeepsTheKeyForTheOther() throws Exception {
		FenceScene scene = scene();
		List<LockGuard> guards = share(scene.key());
		LockGuard open = guards.get(0);
		LockGuard closed = guards.get(1);
		try (Connection connection = scene.connect()) {
			connection.setAutoCommit(false);
			try (FencedCommit commit = scene.fence().check(connection, List.of(closed))) {
				closed.close();
				connection.commit();
				commit.committed();
			}
			connection.setAutoCommit(true);
			assertThat(scene.look(scene.key()).leaseId()).isNotNull();
			try (FencedTransaction transaction = scene.fence().begin(connection, open)) {
				scene.write(connection, "good");
				transaction.commit();
			}
		}
		open.close();
		assertThat(scene.look(scene.key()).leaseId()).isNull();
		assertThat(scene.written()).containsExactly("good");
	}

}
