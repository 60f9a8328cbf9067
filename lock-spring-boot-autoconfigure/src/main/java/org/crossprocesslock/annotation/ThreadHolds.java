package org.crossprocesslock.annotation;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.file.PerKeyFileLockManager;
import org.crossprocesslock.file.PidFileLockManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.NamedThreadLocal;

/**
 * What the calls of each thread hold, so that a call inside a call does not wait for
 * itself.
 */
final class ThreadHolds {

	private static final Logger logger = LoggerFactory.getLogger(ThreadHolds.class);

	// each context has its own locks
	@SuppressWarnings("ThreadLocalUsage")
	private final ThreadLocal<@Nullable Map<String, Hold>> holds = new NamedThreadLocal<>("Cross-process locks");

	// for people: one of those that hold a key
	private final Map<String, Thread> holders = new ConcurrentHashMap<>();

	private final Supplier<LockManager> manager;

	private final CallerTransaction transaction;

	private final Supplier<TransactionFencing> fencing;

	private final AtomicBoolean unfencedSaid = new AtomicBoolean();

	/**
	 * Creates the holds.
	 * @param manager where locks come from, asked with the first call
	 * @param transaction the running transaction, for which a hold is kept
	 * @param fencing what is to be done about transactions, asked with the first call
	 */
	ThreadHolds(Supplier<LockManager> manager, CallerTransaction transaction, Supplier<TransactionFencing> fencing) {
		this.manager = manager;
		this.transaction = transaction;
		this.fencing = fencing;
	}

	/**
	 * Takes the lock, or joins the call of this thread that has it. Blocks for up to the
	 * wait time.
	 * @return what to close when the call ends, or {@code null} if it is to be skipped
	 */
	@Nullable LockedCall enter(LockRequest request, LockedMethod method) {
		Fencing fencing = this.fencing.get().effective(method.fencing());
		Map<String, Hold> held = this.holds.get();
		Hold outer = (held != null) ? held.get(request.key()) : null;
		boolean insideTransaction = this.transaction.isActive();
		if (fencing == Fencing.REQUIRED && insideTransaction && (outer == null || !outer.isFenced())) {
			throw new IllegalStateException("The lock of key '" + request.key() + "' is asked for inside a running "
					+ "transaction, which may have read before and cannot be fenced; begin the transaction under the "
					+ "lock, or do not require fencing");
		}
		if (outer != null) {
			outer.reenter(request.mode());
			return call(outer, fencing, method, false);
		}
		LockGuard guard = acquire(request, method.onBusy());
		if (guard == null) {
			return null;
		}
		Hold hold;
		try {
			hold = hold(guard, request, fencing, insideTransaction);
		}
		catch (Throwable ex) {
			// a stack or a heap that ends here must not leave the key locked
			try (guard) {
				throw ex;
			}
		}
		return call(hold, fencing, method, !insideTransaction);
	}

	private LockedCall call(Hold hold, Fencing fencing, LockedMethod method, boolean first) {
		try {
			return new LockedCall(hold, fencing, method.onLost(), first && this.transaction.isBegunBy(method));
		}
		catch (Throwable ex) {
			try (hold) {
				throw ex;
			}
		}
	}

	LockManager manager() {
		return this.manager.get();
	}

	/**
	 * Lets work in, on whatever thread, under the lock that a call of this thread holds.
	 * @return what to leave when the work is done, or {@code null} if no call of this
	 * thread holds the key
	 */
	@Nullable SharedHold share(LockRequest request) {
		Map<String, Hold> held = this.holds.get();
		Hold outer = (held != null) ? held.get(request.key()) : null;
		return (outer != null) ? outer.share() : null;
	}

	/**
	 * Makes sure that the key of a method can be held on when it has returned. A lock
	 * manager that wraps one on files is found out by the first call.
	 * @throws LockedMethodException if it cannot
	 */
	void requireKeeping(LockedMethod method) {
		if (method.holdsOn()
				&& (manager() instanceof PidFileLockManager || manager() instanceof PerKeyFileLockManager)) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"holdAtLeast asks that its key is held on through the end of its process, and a lock file is free then",
					"Keep the locks in a database, with cross-process-lock.backend=jdbc, or do without holdAtLeast");
		}
	}

	private @Nullable LockGuard acquire(LockRequest request, OnBusy onBusy) {
		NonBlockingThreads.refuse(request);
		LockManager locks = manager();
		try {
			if (onBusy == OnBusy.SKIP) {
				return answered((locks instanceof AttemptingLockManager attempting) ? attempting.tryLockScoped(request)
						: locks.tryLock(request), locks)
					.orElse(null);
			}
			// it is closed here, however the call ends
			return answered((locks instanceof AttemptingLockManager attempting) ? attempting.lockScoped(request)
					: locks.lock(request), locks);
		}
		catch (LockTimeoutException ex) {
			Thread holder = this.holders.get(request.key());
			throw (holder != null) ? new LockTimeoutException(request.key(), ex.getWaited(),
					"this process, thread " + holder.getName()) : ex;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LockInterruptedException(request.key(), ex);
		}
	}

	static <T> T answered(@Nullable T answer, LockManager locks) {
		if (answer == null) {
			throw new IllegalStateException("The LockManager bean, of " + locks.getClass()
					+ ", has answered null instead of a guard, so that the method cannot run under a lock. Is it a "
					+ "mock? Have it answer a guard, or use a MemoryLockManager in the test");
		}
		return answer;
	}

	private Hold hold(LockGuard guard, LockRequest request, Fencing fencing, boolean insideTransaction) {
		Map<String, Hold> held = this.holds.get();
		Map<String, Hold> all = (held != null) ? held : new ConcurrentHashMap<>();
		boolean fenced = fencing != Fencing.OFF && !insideTransaction;
		Hold hold = new Hold(guard, request.mode(), fenced, () -> forget(all, request.key()));
		try {
			this.holds.set(all);
			all.put(request.key(), hold);
			this.holders.put(request.key(), Thread.currentThread());
			if (insideTransaction) {
				this.transaction.keep(hold);
				sayUnfenced(request.key(), fencing);
			}
			return hold;
		}
		catch (Throwable ex) {
			try (hold) {
				throw ex;
			}
		}
	}

	private void sayUnfenced(String key, Fencing fencing) {
		if (fencing != Fencing.OFF && this.unfencedSaid.compareAndSet(false, true)) {
			logger.info("The lock of key '{}' was taken inside a running transaction, which is therefore not checked "
					+ "before it commits: it may have read before it had the lock", key);
		}
	}

	private void forget(Map<String, Hold> all, String key) {
		all.remove(key);
		this.holders.remove(key);
		if (all.isEmpty() && this.holds.get() == all) {
			this.holds.remove();
		}
	}

}
