package org.crossprocesslock.benchmarks.contender;

import java.time.Duration;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;

/**
 * One process of this library without Spring, so that many fit into a virtual machine.
 * Its leases, connections and notices are those of a process.
 */
public final class LeaseLocks implements Locks {

	private static final Duration FOR_EVER = Duration.ofDays(1);

	private final LockManager manager;

	/**
	 * Opens a lease in the database, at once since its holder has a name.
	 * @param holderName a name that no other process has
	 */
	public LeaseLocks(Database database, String holderName) {
		JdbcLeaseStore store = JdbcLeaseStore.builder(database.unpooled()).ownConnections(database.unpooled()).build();
		this.manager = new LeaseLockManager(store, LeaseOptions.defaults().withHolderName(holderName), holderName,
				new LockListener() {
				});
	}

	@Override
	public Acquired acquire(String key) throws InterruptedException {
		return new Guarded(this.manager.lock(key, FOR_EVER));
	}

	@Override
	public void close() {
		this.manager.close();
	}

	/** A key and its guard. */
	private record Guarded(LockGuard guard) implements Acquired {

		@Override
		public long fencingToken() {
			return this.guard.fencingToken();
		}

		@Override
		public void release() {
			this.guard.close();
		}

	}

}
