package org.crossprocesslock.lease.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** Many threads, virtual ones where there are any, that share keys in two processes. */
@Timeout(120)
class VirtualThreadsTests {

	private static final int THREADS = 200;

	private static final int KEYS = 5;

	private static final int TURNS = 5;

	private final DataSource database = H2JdbcLeaseStoreTests.inMemory();

	private final AtomicIntegerArray counters = new AtomicIntegerArray(KEYS);

	private LockManager newManager() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		JdbcLeaseStore store = JdbcLeaseStore.builder(this.database).ownConnections(this.database).build();
		return new LeaseLockManager(store, LeaseOptions.defaults(), "threads", new LockListener() {
		});
	}

	private static ExecutorService newThreads() throws ReflectiveOperationException {
		if (Runtime.version().feature() < 21) {
			return Executors.newCachedThreadPool();
		}
		return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
	}

	/** Increments in a way that is not safe without the lock. */
	private void increment(LockManager manager, int key) throws InterruptedException {
		try (LockGuard guard = manager.lock("key-" + key, Eventually.LIMIT)) {
			int before = this.counters.get(key);
			// time for another thread to do the same
			LockSupport.parkNanos(1000);
			this.counters.set(key, before + 1);
		}
	}

	@Test
	void contendingThreadsExcludeEachOther() throws Exception {
		ExecutorService threads = newThreads();
		try (LockManager first = newManager(); LockManager second = newManager()) {
			List<Future<?>> work = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				LockManager manager = (i % 2 == 0) ? first : second;
				int start = i;
				work.add(threads.submit(() -> {
					for (int turn = 0; turn < TURNS; turn++) {
						increment(manager, (start + turn) % KEYS);
					}
					return null;
				}));
			}
			for (Future<?> each : work) {
				each.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
			}
		}
		finally {
			threads.shutdownNow();
		}
		for (int key = 0; key < KEYS; key++) {
			assertThat(this.counters.get(key)).isEqualTo(THREADS * TURNS / KEYS);
		}
	}

}
