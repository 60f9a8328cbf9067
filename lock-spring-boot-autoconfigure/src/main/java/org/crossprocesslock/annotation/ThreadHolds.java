package org.crossprocesslock.annotation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.core.NamedThreadLocal;

/**
 * What the calls of each thread hold, so that a call inside a call does not wait for
 * itself.
 */
final class ThreadHolds {

	// each context has its own locks
	@SuppressWarnings("ThreadLocalUsage")
	private final ThreadLocal<@Nullable Map<String, Hold>> holds = new NamedThreadLocal<>("Cross-process locks");

	private final Supplier<LockManager> manager;

	private final Consumer<Hold> transaction;

	/**
	 * Creates the holds.
	 * @param manager where locks come from, asked with the first call
	 * @param transaction keeps a hold for the running transaction if there is one
	 */
	ThreadHolds(Supplier<LockManager> manager, Consumer<Hold> transaction) {
		this.manager = manager;
		this.transaction = transaction;
	}

	/**
	 * Takes the lock, or joins the call of this thread that has it. Blocks for up to the
	 * wait time.
	 * @return what to close when the call ends, or {@code null} if it is to be skipped
	 */
	@Nullable Hold enter(LockRequest request, OnBusy onBusy) {
		Map<String, Hold> held = this.holds.get();
		Hold outer = (held != null) ? held.get(request.key()) : null;
		if (outer != null) {
			outer.reenter(request.mode());
			return outer;
		}
		LockGuard guard = acquire(request, onBusy);
		return (guard != null) ? hold(guard, request) : null;
	}

	LockManager manager() {
		return this.manager.get();
	}

	private @Nullable LockGuard acquire(LockRequest request, OnBusy onBusy) {
		LockManager locks = manager();
		try {
			return (onBusy == OnBusy.SKIP) ? locks.tryLock(request).orElse(null) : locks.lock(request);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LockInterruptedException(request.key(), ex);
		}
	}

	private Hold hold(LockGuard guard, LockRequest request) {
		Map<String, Hold> held = this.holds.get();
		Map<String, Hold> all = (held != null) ? held : new ConcurrentHashMap<>();
		Hold hold = new Hold(guard, request.mode(), () -> forget(all, request.key()));
		this.holds.set(all);
		all.put(request.key(), hold);
		try {
			this.transaction.accept(hold);
			return hold;
		}
		catch (RuntimeException | Error ex) {
			hold.close();
			throw ex;
		}
	}

	private void forget(Map<String, Hold> all, String key) {
		all.remove(key);
		if (all.isEmpty() && this.holds.get() == all) {
			this.holds.remove();
		}
	}

}
