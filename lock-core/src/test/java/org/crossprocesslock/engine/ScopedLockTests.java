package org.crossprocesslock.engine;

import java.time.Duration;

import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class ScopedLockTests {

	private static final LockRequest REQUEST = LockRequest.of("scoped", Duration.ZERO);

	private final MemoryLockManager manager = new MemoryLockManager();

	@AfterEach
	void close() {
		this.manager.close();
	}

	@Test
	void scopedLocksExcludeLikeOthers() throws Exception {
		try (LockGuard guard = this.manager.lockScoped(REQUEST)) {
			assertThat(guard.isHeld()).isTrue();
			assertThat(this.manager.tryLock(REQUEST)).isEmpty();
			assertThat(this.manager.tryLockScoped(REQUEST)).isEmpty();
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> this.manager.lockScoped(REQUEST));
		}
		try (LockGuard guard = this.manager.tryLockScoped(REQUEST).orElseThrow()) {
			assertThat(this.manager.tryLock(REQUEST)).isEmpty();
		}
	}

	@Test
	void interruptedThreadGetsNoScopedLock() {
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> this.manager.lockScoped(REQUEST));
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> this.manager.tryLockScoped(REQUEST));
	}

	@Test
	void forgottenScopedGuardIsReleasedAndReportedWithoutItsOrigin() throws Exception {
		try (CapturedLog log = new CapturedLog()) {
			acquireAndForget();
			Eventually.until("the leak is reported", () -> {
				System.gc();
				return log.errors().anyMatch((error) -> error.contains("'scoped'"));
			});
			assertThat(log.errors()).noneMatch((error) -> error.contains("acquireAndForget"));
		}
		this.manager.tryLock(REQUEST).orElseThrow().close();
	}

	private void acquireAndForget() throws InterruptedException {
		assertThat(this.manager.lockScoped(REQUEST).isHeld()).isTrue();
	}

}
