package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.Notice;
import org.crossprocesslock.lease.NoticeReceiver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Lingering keys where processes tell each other what they want. */
@Timeout(120)
class PostgresLingerTests {

	private static final Duration LEASE = Duration.ofMinutes(5);

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

	@Test
	void anotherProcessThatWaitsHasTheKeyLongBeforeItsTimeIsOver() throws Exception {
		try (LockManager one = lingering(LEASE); LockManager other = lingering(LEASE)) {
			long token = 0;
			for (int i = 0; i < 3; i++) {
				for (LockManager each : new LockManager[] { one, other }) {
					try (LockGuard guard = each.lock("key", Eventually.LIMIT)) {
						assertThat(guard.fencingToken()).isGreaterThan(token);
						token = guard.fencingToken();
					}
				}
			}
		}
	}

	@Test
	void aLingeringKeyIsTakenAgainWithoutAStatementAndReleasedAtTheEnd() throws Exception {
		List<String> calls = new CopyOnWriteArrayList<>();
		CountDownLatch listens = new CountDownLatch(1);
		JdbcLeaseStore store = store();
		LeaseStore recording = (LeaseStore) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { LeaseStore.class }, (proxy, method, arguments) -> {
					calls.add(method.getName());
					if (method.getName().equals("listen")) {
						arguments[1] = counting((NoticeReceiver) arguments[1], listens);
					}
					return method.invoke(store, arguments);
				});
		// a stable name has the lease opened before the first request
		LeaseOptions options = options(LEASE).withHolderName("linger-" + UUID.randomUUID());
		try (LockManager manager = new LeaseLockManager(recording, options, "linger", new LockListener() {
		})) {
			assertThat(listens.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			LockGuard first = manager.lock("key", Eventually.LIMIT);
			first.close();
			for (int i = 1; i <= 3; i++) {
				try (LockGuard next = manager.tryLock("key").orElseThrow()) {
					assertThat(next.fencingToken()).isEqualTo(first.fencingToken() + i);
				}
			}
			assertThat(calls).containsOnlyOnce("acquire").doesNotContain("release", "look");
		}
		assertThat(calls).containsOnlyOnce("release");
		try (LockManager another = lingering(LEASE)) {
			assertThat(another.tryLock("key")).hasValueSatisfying(LockGuard::close);
		}
	}

	private static NoticeReceiver counting(NoticeReceiver receiver, CountDownLatch listens) {
		return new NoticeReceiver() {

			@Override
			public void listening(boolean works) {
				receiver.listening(works);
				if (works) {
					listens.countDown();
				}
			}

			@Override
			public void receive(Notice notice) {
				receiver.receive(notice);
			}

		};
	}

	private LockManager lingering(Duration linger) {
		return new LeaseLockManager(store(), options(linger), "linger", new LockListener() {
		});
	}

	private static LeaseOptions options(Duration linger) {
		return LeaseOptions.defaults().withLeaseDuration(LEASE).withLinger(linger);
	}

	private JdbcLeaseStore store() {
		return JdbcLeaseStore.builder(this.database).ownConnections(this.database).leaseDuration(LEASE).build();
	}

}
