package org.crossprocesslock.shedlock;

import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

/**
 * ShedLock's tests on locks in a database. The other manager is another process to it.
 */
@Tag("full")
class DatabaseShedLockTests extends ShedLockContract {

	private static final LockDatabase database = new LockDatabase();

	private static final LockManager locks = database.process("one");

	private static final LockManager another = database.process("another");

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
