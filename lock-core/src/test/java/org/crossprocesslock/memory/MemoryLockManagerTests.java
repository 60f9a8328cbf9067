package org.crossprocesslock.memory;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.HeldKey;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockManagerContract;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
	void aKeyThatIsHeldAtLeastIsKeptThroughTheEndOfItsManager() throws InterruptedException {
		MemoryLockManager ended = new MemoryLockManager();
		LockGuard guard = ended.lock(LockRequest.of(key(), Duration.ZERO).holdingAtLeast(Duration.ofHours(1)));
		guard.close();
		ended.close();
		assertThat(manager().tryLock(key())).isEmpty();
		assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> manager().lock(key(), Duration.ZERO))
			.satisfies((ex) -> assertThat(ex.getKeptFor()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1)));
		LockInspection inspection = manager().inspection().orElseThrow();
		assertThat(inspection.report(key()).held()).singleElement().satisfies((kept) -> {
			assertThat(kept.state()).isEqualTo(HeldKey.State.KEPT);
			assertThat(kept.token()).isEqualTo(guard.fencingToken());
			assertThat(kept.heldFor()).isLessThan(Duration.ofMinutes(10));
		});
		assertThat(inspection.report(10).held()).extracting(HeldKey::key).contains(key());
		try (LockGuard held = manager().tryLock("held-" + key()).orElseThrow()) {
			assertThat(inspection.report(1).held()).extracting(HeldKey::key).containsExactly(held.key());
		}
		assertThat(inspection.release(key(), guard.fencingToken() + 1)).isFalse();
		assertThat(inspection.release(key(), guard.fencingToken())).isTrue();
		assertThat(inspection.report(key()).held()).isEmpty();
		try (LockGuard next = manager().lock(key(), Duration.ZERO)) {
			assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
		}
	}

	@Test
	void whoeverWaitsGetsAKeyAtTheEndOfItsTimeAndNotBefore() throws InterruptedException {
		Duration keep = Duration.ofMillis(200);
		long before = System.nanoTime();
		manager().lock(LockRequest.of(key(), Duration.ZERO).holdingAtLeast(keep)).close();
		try (LockGuard next = manager().lock(key(), Duration.ofMinutes(1))) {
			assertThat(next.isHeld()).isTrue();
			assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(keep);
		}
		assertThat(manager().tryLock(key())).as("it does not keep the key itself").isPresent();
	}

	@Test
	void anOperatorFreesAKeyThatIsHeldAndWouldBeKept() throws InterruptedException {
		LockGuard guard = manager().lock(LockRequest.of(key(), Duration.ZERO).holdingAtLeast(Duration.ofHours(1)));
		assertThat(manager().inspection().orElseThrow().release(key(), guard.fencingToken())).isTrue();
		assertThat(guard.isHeld()).isFalse();
		assertThat(manager().tryLock(key())).isPresent();
	}

	@Test
	void aKeyThatNobodyReceivedIsNotKept() throws InterruptedException {
		String cancelled = null;
		// a free key is granted at once, and mostly handed over after this thread goes on
		for (int i = 0; cancelled == null; i++) {
			assertThat(i).as("requests that could not be cancelled").isLessThan(100_000);
			LockRequest request = LockRequest.of(key() + "." + i, Duration.ZERO).holdingAtLeast(Duration.ofMinutes(1));
			CompletableFuture<LockGuard> granted = manager().lockAsync(request);
			if (granted.cancel(false)) {
				cancelled = request.key();
			}
			else {
				LockGuard guard = granted.join();
				guard.close();
				manager().inspection().orElseThrow().release(guard.key(), guard.fencingToken());
			}
		}
		String key = cancelled;
		Eventually.until("it is free", () -> manager().tryLock(key).map(this::closed).orElse(false));
	}

	private boolean closed(LockGuard guard) {
		guard.close();
		return true;
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
