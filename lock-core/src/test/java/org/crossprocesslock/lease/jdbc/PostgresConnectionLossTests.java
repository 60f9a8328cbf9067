package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Managers whose connections the server ends while keys are held and waited for. */
@Timeout(120)
class PostgresConnectionLossTests {

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

	private LockManager newManager() {
		JdbcLeaseStore store = JdbcLeaseStore.builder(this.database).ownConnections(this.database).build();
		return new LeaseLockManager(store, LeaseOptions.defaults(), "connections", new LockListener() {
		});
	}

	/** Ends every connection to the database of this test but the one that does so. */
	private void endConnections() throws SQLException {
		try (Connection connection = this.database.getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("""
					select pg_terminate_backend(pid, 5000) from pg_stat_activity
					where datname = current_database() and pid <> pg_backend_pid()""");
		}
	}

	@Test
	void aWaiterGetsTheKeyAlthoughAllConnectionsWereEnded() throws Exception {
		try (LockManager holder = newManager(); LockManager other = newManager()) {
			LockGuard held = holder.lock("key", Eventually.LIMIT);
			Background<LockGuard> waiter = Background.call(() -> other.lock("key", Eventually.LIMIT)).untilItWaits();
			endConnections();
			assertThat(held.isHeld()).isTrue();
			held.close();
			try (LockGuard next = waiter.join()) {
				assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
				next.checkHeld();
			}
		}
	}

	@Test
	void nothingIsLostWhenConnectionsAreEndedAgainAndAgain() throws Exception {
		int processes = 2;
		int threads = 4;
		AtomicBoolean enough = new AtomicBoolean();
		AtomicInteger counter = new AtomicInteger();
		AtomicInteger grants = new AtomicInteger();
		List<Background<Boolean>> workers = new ArrayList<>();
		try (LockManager first = newManager();
				LockManager second = newManager();
				LockGuard held = first.lock("held", Eventually.LIMIT)) {
			for (int i = 0; i < processes * threads; i++) {
				LockManager manager = (i % processes == 0) ? first : second;
				workers.add(Background.call(() -> {
					while (!enough.get()) {
						try (LockGuard guard = manager.lock("counter", Eventually.LIMIT)) {
							int before = counter.get();
							Thread.sleep(1);
							counter.set(before + 1);
							grants.incrementAndGet();
							guard.checkHeld();
						}
					}
					return true;
				}));
			}
			for (int i = 0; i < 10; i++) {
				endConnections();
				int seen = grants.get();
				Eventually.until("a key is granted on new connections", () -> grants.get() > seen);
				Thread.sleep(150);
			}
			enough.set(true);
			for (Background<Boolean> worker : workers) {
				assertThat(worker.join()).isTrue();
			}
			assertThat(counter).hasValue(grants.get());
			held.checkHeld();
			assertThat(second.tryLock("held")).isEmpty();
		}
	}

}
