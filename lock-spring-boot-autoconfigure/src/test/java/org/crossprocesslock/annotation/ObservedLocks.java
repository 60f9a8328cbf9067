package org.crossprocesslock.annotation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockOrder;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.memory.MemoryLockManager;

/**
 * Locks in memory whose requests and releases are told at once and on the thread of the
 * caller, with its transaction: unlike those that a manager itself tells its listener.
 */
final class ObservedLocks implements LockManager {

	private final MemoryLockManager locks = new MemoryLockManager();

	private final LockListener observer;

	ObservedLocks(LockListener observer) {
		this.observer = observer;
	}

	@Override
	public Optional<LockGuard> tryLock(String key) {
		LockRequest request = LockRequest.of(key, Duration.ZERO);
		this.observer.onRequested(request);
		return this.locks.tryLock(key).map((guard) -> observed(request, guard));
	}

	@Override
	public Optional<LockGuard> tryLock(LockRequest request) throws InterruptedException {
		this.observer.onRequested(request);
		return this.locks.tryLock(request).map((guard) -> observed(request, guard));
	}

	@Override
	public LockGuard lock(LockRequest request) throws InterruptedException {
		this.observer.onRequested(request);
		return observed(request, this.locks.lock(request));
	}

	@Override
	public LockGuards lockAll(Collection<LockRequest> requests) throws InterruptedException {
		LockOrder.of(requests).forEach(this.observer::onRequested);
		return observed(requests, this.locks.lockAll(requests));
	}

	@Override
	public CompletableFuture<LockGuards> lockAllAsync(Collection<LockRequest> requests) {
		LockOrder.of(requests).forEach(this.observer::onRequested);
		return this.locks.lockAllAsync(requests).thenApply((all) -> observed(requests, all));
	}

	@Override
	public CompletableFuture<LockGuard> lockAsync(LockRequest request) {
		this.observer.onRequested(request);
		return this.locks.lockAsync(request).thenApply((guard) -> observed(request, guard));
	}

	@Override
	public void close() {
		this.locks.close();
	}

	private LockGuards observed(Collection<LockRequest> requests, LockGuards all) {
		List<LockGuard> guards = new ArrayList<>();
		for (LockRequest request : LockOrder.of(requests)) {
			guards.add(observed(request, all.guard(request.key())));
		}
		return LockGuards.of(guards);
	}

	private LockGuard observed(LockRequest request, LockGuard guard) {
		return new ObservedGuard(guard, () -> this.observer.onReleased(request, guard.fencingToken(), Duration.ZERO));
	}

	private record ObservedGuard(LockGuard guard, Runnable onReleased) implements LockGuard {

		@Override
		public String key() {
			return this.guard.key();
		}

		@Override
		public long fencingToken() {
			return this.guard.fencingToken();
		}

		@Override
		public boolean isHeld() {
			return this.guard.isHeld();
		}

		@Override
		public void checkHeld() {
			this.guard.checkHeld();
		}

		@Override
		public boolean isDirty() {
			return this.guard.isDirty();
		}

		@Override
		public void clearDirty() {
			this.guard.clearDirty();
		}

		@Override
		public void onLost(Runnable callback) {
			this.guard.onLost(callback);
		}

		@Override
		public void close() {
			this.guard.close();
			this.onReleased.run();
		}

		@Override
		public CompletableFuture<Void> closeAsync() {
			return this.guard.closeAsync().thenRun(this.onReleased);
		}

	}

}
