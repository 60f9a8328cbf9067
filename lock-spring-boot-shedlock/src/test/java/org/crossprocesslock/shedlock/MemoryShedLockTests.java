package org.crossprocesslock.shedlock;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.AfterAll;

/**
 * ShedLock's tests on locks in memory.
 */
class MemoryShedLockTests extends ShedLockContract {

	private static final LockManager locks = new MemoryLockManager();

	private static final LockManager another = new MemoryLockManager();

	private static final CrossProcessLockProvider provider = new CrossProcessLockProvider(locks);

	@AfterAll
	static void close() {
		provider.close();
		another.close();
		locks.close();
	}

	@Override
	CrossProcessLockProvider provider() {
		return provider;
	}

	@Override
	LockManager another() {
		return another;
	}

}
