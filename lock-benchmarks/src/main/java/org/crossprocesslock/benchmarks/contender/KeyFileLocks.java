package org.crossprocesslock.benchmarks.contender;

import java.nio.file.Path;
import java.time.Duration;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.file.PerKeyFileLockManager;

/** The files per key of this library. */
final class KeyFileLocks implements Locks {

	private static final Duration LONG_ENOUGH = Duration.ofMinutes(5);

	private final PerKeyFileLockManager manager;

	KeyFileLocks(Path directory) {
		this.manager = PerKeyFileLockManager.open(directory, new LockListener() {
		});
	}

	@Override
	public Acquired acquire(String key) throws InterruptedException {
		LockGuard guard = this.manager.lock(key, LONG_ENOUGH);
		return new Acquired() {

			@Override
			public long fencingToken() {
				return guard.fencingToken();
			}

			@Override
			public void release() {
				guard.close();
			}

		};
	}

	@Override
	public void close() {
		this.manager.close();
	}

}
