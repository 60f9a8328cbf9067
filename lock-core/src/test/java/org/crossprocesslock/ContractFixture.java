package org.crossprocesslock;

import java.time.Duration;
import java.util.Optional;

/**
 * What the parts of {@link LockManagerContract} work with.
 */
interface ContractFixture {

	/** The manager under test. */
	LockManager manager();

	/** Another manager, of the same process. */
	LockManager manager(LockListener listener);

	/** A manager of another process, where the backend can have one here. */
	Optional<LockManager> anotherProcess();

	boolean sharesKeysWithASecondManager();

	/** A key that no other test uses. */
	String key();

	/** An exclusive request for the key. */
	LockRequest request(Duration waitTime);

	/** A request for the key that is shared in the process. */
	default LockRequest shared(Duration waitTime) {
		return request(waitTime).withMode(LockMode.SHARED_IN_PROCESS);
	}

	/** Acquires the key without waiting, which must succeed. */
	default LockGuard acquire() {
		return manager().tryLock(key()).orElseThrow(() -> new AssertionError("Key '" + key() + "' is busy"));
	}

	/** Whether nobody has the key. */
	default boolean isFree() {
		Optional<LockGuard> guard = manager().tryLock(key());
		guard.ifPresent(LockGuard::close);
		return guard.isPresent();
	}

}
