package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockManagerContract;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** The contract of lock managers over a database, and what the dead leave there. */
@Timeout(120)
abstract class JdbcLeaseLockManagerContract extends LockManagerContract {

	private static final LockListener SILENT = new LockListener() {
	};

	/** An unpooled DataSource of the database of this class. */
	abstract DataSource database();

	@Override
	protected LockManager newManager(LockListener listener) {
		return newManager(LeaseOptions.defaults(), listener);
	}

	@Override
	protected Optional<LockManager> newManagerOfAnotherProcess() {
		return Optional.of(newManager(SILENT));
	}

	private LeaseLockManager newManager(LeaseOptions options, LockListener listener) {
		return new LeaseLockManager(newStore(options.leaseDuration()), options, "contract", listener);
	}

	private JdbcLeaseStore newStore(Duration leaseDuration) {
		JdbcLeaseSchema.of(database(), JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		return JdbcLeaseStore.builder(database()).leaseDuration(leaseDuration).ownConnections(database()).build();
	}

	protected LeaseLockManager newManager(Duration linger, List<String> calls) {
		LeaseStore store = newStore(LeaseOptions.DEFAULT_LEASE_DURATION);
		LeaseStore recording = (LeaseStore) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { LeaseStore.class }, (proxy, method, arguments) -> {
					calls.add(method.getName());
					return method.invoke(store, arguments);
				});
		return new LeaseLockManager(recording, LeaseOptions.defaults().withLinger(linger), "contract", SILENT);
	}

	/** Leaves what a process leaves that dies while it holds the key. */
	private long dieWithTheKey(String holder, Duration leaseDuration) {
		try (JdbcLeaseStore store = newStore(LeaseOptions.DEFAULT_LEASE_DURATION)) {
			String lease = UUID.randomUUID().toString();
			store.open(lease, holder, leaseDuration);
			return store.acquire(lease, Long.MAX_VALUE, List.of(new AcquireOrder(key(), null, false)))
				.stream()
				.map(Granted.class::cast)
				.findFirst()
				.orElseThrow()
				.token();
		}
	}

	@Test
	void anotherProcessGetsAKeyThatHasLingered() throws Exception {
		try (LockManager manager = newManager(Duration.ofMillis(500), new CopyOnWriteArrayList<>())) {
			LockGuard first = manager.lock(key(), Eventually.LIMIT);
			first.close();
			try (LockGuard next = manager().lock(key(), Eventually.LIMIT)) {
				assertThat(next.fencingToken()).isGreaterThan(first.fencingToken());
			}
		}
	}

	@Test
	void theKeysOfADeadPredecessorOfTheSameNameAreFreeAtOnce() {
		long lost = dieWithTheKey("node-1", Duration.ofDays(1));
		assertThat(manager().tryLock(key())).isEmpty();
		try (LockManager successor = newManager(LeaseOptions.defaults().withHolderName("node-1"), SILENT)) {
			assertThat(successor.tryLock(key())).hasValueSatisfying((guard) -> {
				assertThat(guard.fencingToken()).isGreaterThan(lost);
				guard.close();
			});
		}
	}

	@Test
	void theKeysOfADeadHolderOfAnotherNameAreFreeAfterItsLease() throws Exception {
		Duration lease = Duration.ofSeconds(2);
		long before = System.nanoTime();
		long lost = dieWithTheKey("node-1", lease);
		try (LockManager other = newManager(LeaseOptions.defaults().withHolderName("node-2"), SILENT);
				LockGuard guard = other.lock(key(), Eventually.LIMIT)) {
			assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(lease);
			assertThat(guard.fencingToken()).isGreaterThan(lost);
		}
	}

	@Test
	void aPredecessorOfTheSameNameThatStillRunsLosesItsGuards() throws Exception {
		LeaseOptions options = LeaseOptions.defaults()
			.withLease(Duration.ofSeconds(20), Duration.ofMillis(200))
			.withHolderName("twin-of-" + key());
		try (LockManager predecessor = newManager(options, SILENT)) {
			LockGuard guard = predecessor.tryLock(key()).orElseThrow();
			try (LockManager successor = newManager(options, SILENT);
					LockGuard next = successor.lock(key(), Eventually.LIMIT)) {
				Eventually.until("the predecessor notices", () -> !guard.isHeld());
				assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
				assertThat(next.isHeld()).isTrue();
			}
			predecessor.lock(key(), Eventually.LIMIT).close();
		}
	}

}
