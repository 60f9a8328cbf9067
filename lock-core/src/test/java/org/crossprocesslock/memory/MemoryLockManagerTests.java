package org.crossprocesslock.memory;

import java.time.Duration;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockManagerContract;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MemoryLockManagerTests extends LockManagerContract {

	@Override
	protected LockManager newManager(LockListener listener) {
		return new MemoryLockManager(listener);
	}

	@Test
	void guardsShareAKeyOverManagers() throws InterruptedException {
		LockRequest request = LockRequest.of(key(), Duration.ZERO).withMode(LockMode.SHARED_IN_PROCESS);
		try (MemoryLockManager second = new MemoryLockManager();
				LockGuard first = manager().lock(request);
				LockGuard other = second.lock(request)) {
			assertThat(other.fencingToken()).isEqualTo(first.fencingToken());
		}
	}

	@Test
	void noGuardIsEverDirty() {
		for (int i = 0; i < 2; i++) {
			try (LockGuard guard = manager().tryLock(key()).orElseThrow()) {
				assertThat(guard.isDirty()).isFalse();
			}
		}
	}

}
