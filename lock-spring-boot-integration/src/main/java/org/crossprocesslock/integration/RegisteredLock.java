package org.crossprocesslock.integration;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.support.locks.DistributedLock;

/**
 * The lock of one key, as Spring Integration sees it. All state belongs to threads, so
 * that any number of these are one lock.
 */
final class RegisteredLock implements DistributedLock {

	private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

	private final CrossProcessLockRegistry registry;

	private final String key;

	RegisteredLock(CrossProcessLockRegistry registry, String key) {
		this.registry = registry;
		this.key = key;
	}

	@Override
	public void lock() {
		lockUninterruptibly(null);
	}

	@Override
	public void lock(Duration ttl) {
		lockUninterruptibly(ttl);
	}

	/** By a future, which keeps its place in the line through an interrupt. */
	private void lockUninterruptibly(@Nullable Duration ttl) {
		if (enterAgain()) {
			return;
		}
		LockGuard guard;
		try {
			guard = this.registry.locks().lockAsync(request(FOR_EVER)).join();
		}
		catch (CompletionException ex) {
			if (ex.getCause() instanceof RuntimeException cause) {
				throw cause;
			}
			throw ex;
		}
		this.registry.enter(guard, ttl);
	}

	@Override
	public void lockInterruptibly() throws InterruptedException {
		if (!enterAgain()) {
			this.registry.enter(this.registry.locks().lock(request(FOR_EVER)), null);
		}
	}

	@Override
	public boolean tryLock() {
		Boolean again = tryAgain();
		return (again != null) ? again : entered(this.registry.locks().tryLock(this.key), null);
	}

	@Override
	public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
		return tryToEnter(Duration.ofNanos(unit.toNanos(Math.max(time, 0))), null);
	}

	@Override
	public boolean tryLock(Duration waitTime, Duration ttl) throws InterruptedException {
		return tryToEnter(waitTime.isNegative() ? Duration.ZERO : waitTime, ttl);
	}

	private boolean tryToEnter(Duration waitTime, @Nullable Duration ttl) throws InterruptedException {
		Boolean again = tryAgain();
		return (again != null) ? again : entered(this.registry.locks().tryLock(request(waitTime)), ttl);
	}

	private boolean entered(Optional<LockGuard> guard, @Nullable Duration ttl) {
		guard.ifPresent((granted) -> this.registry.enter(granted, ttl));
		return guard.isPresent();
	}

	@Override
	public void unlock() {
		ThreadLock held = this.registry.ofThread(this.key);
		if (held == null) {
			throw new IllegalMonitorStateException("The thread does not have the lock of '" + this.key + "'");
		}
		if (held.isLast()) {
			this.registry.forget(this.key);
		}
		held.leave();
	}

	/** Whether this thread has it and has it once more now. */
	private boolean enterAgain() {
		ThreadLock held = this.registry.ofThread(this.key);
		if (held != null) {
			held.enterAgain();
		}
		return held != null;
	}

	/** {@code null} if this thread does not have it. */
	private @Nullable Boolean tryAgain() {
		ThreadLock held = this.registry.ofThread(this.key);
		if (held == null) {
			return null;
		}
		if (held.isHeld()) {
			held.enterAgain();
			return true;
		}
		this.registry.forget(this.key);
		held.drop();
		return false;
	}

	@Override
	public Condition newCondition() {
		throw new UnsupportedOperationException("Locks across processes have no conditions");
	}

	private LockRequest request(Duration waitTime) {
		return LockRequest.of(this.key, waitTime).withName(CrossProcessLockRegistry.REQUEST_NAME);
	}

}
