package org.crossprocesslock.memory;

import org.crossprocesslock.AbandonedRequestsContract;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;

class MemoryAbandonedRequestsTests extends AbandonedRequestsContract {

	@Override
	protected LockManager newManager(LockListener listener) {
		return new MemoryLockManager(listener);
	}

}
