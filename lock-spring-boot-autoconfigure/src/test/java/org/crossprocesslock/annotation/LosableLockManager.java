package org.crossprocesslock.annotation;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.Claim;
import org.crossprocesslock.engine.HeldLock;
import org.crossprocesslock.engine.LockAttempt;

/**
 * Grants every request at once, remembers what was asked and released, and loses what it
 * is told to.
 */
final class LosableLockManager extends AttemptingLockManager {

	final List<String> events = new CopyOnWriteArrayList<>();

	private final Map<String, HeldLock> granted = new ConcurrentHashMap<>();

	private final AtomicLong token = new AtomicLong();

	LosableLockManager() {
		super(new LockListener() {
		});
	}

	void loseAll() {
		this.granted.values().forEach((held) -> held.lose("the test says so"));
	}

	void lose(String key) {
		Objects.requireNonNull(this.granted.get(key)).lose("the test says so");
	}

	@Override
	protected void start(LockAttempt attempt) {
		String key = attempt.request().key();
		this.events.add("acquire " + key);
		HeldLock held = attempt.hold(new GrantedClaim(key, this.token.incrementAndGet()));
		this.granted.put(key, held);
		attempt.deliver(held);
	}

	@Override
	protected void abandon(LockAttempt attempt) {
	}

	@Override
	public void close() {
	}

	private final class GrantedClaim implements Claim {

		private final String key;

		private final long token;

		GrantedClaim(String key, long token) {
			this.key = key;
			this.token = token;
		}

		@Override
		public long fencingToken() {
			return this.token;
		}

		@Override
		public boolean isHeld() {
			return true;
		}

		@Override
		public String whyLost() {
			return "the test says so";
		}

		@Override
		public boolean isDirty() {
			return false;
		}

		@Override
		public void clearDirty() {
		}

		@Override
		public CompletableFuture<?> release() {
			LosableLockManager.this.events.add("release " + this.key);
			return CompletableFuture.completedFuture(null);
		}

	}

}
