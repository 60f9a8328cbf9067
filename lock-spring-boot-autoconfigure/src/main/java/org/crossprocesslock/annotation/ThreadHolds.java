package org.crossprocesslock.annotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockOrder;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.LookedUp;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.GuardedWork;
import org.crossprocesslock.file.PerKeyFileLockManager;
import org.crossprocesslock.file.PidFileLockManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.core.NamedThreadLocal;

/**
 * What the calls of each thread hold, so that a call inside a call does not wait for
 * itself.
 */
final class ThreadHolds {

	private static final Logger logger = LoggerFactory.getLogger(ThreadHolds.class);

	// each context has its own locks, or those of the one above it
	private final ThreadLocal<@Nullable Map<String, Hold>> holds;

	// for people: one of those that hold a key
	private final Map<String, Thread> holders;

	private final Function<String, LockManager> managers;

	private final Supplier<Optional<LockManager>> usual;

	private final CallerTransaction transaction;

	private final Supplier<TransactionFencing> fencing;

	private final AtomicBoolean unfencedSaid = new AtomicBoolean();

	/**
	 * Creates the holds.
	 * @param managers where locks come from, by the names of beans that methods give,
	 * empty for the usual one; asked with the first calls
	 * @param transaction the running transaction, for which a hold is kept
	 * @param fencing what is to be done about transactions, asked with the first call
	 * @param above the holds of the same managers in a context above, if there is one
	 */
	ThreadHolds(Function<String, LockManager> managers, CallerTransaction transaction,
			Supplier<TransactionFencing> fencing, @Nullable ThreadHolds above) {
		this.holds = (above != null) ? above.holds : new NamedThreadLocal<>("Cross-process locks");
		this.holders = (above != null) ? above.holders : new ConcurrentHashMap<>();
		this.managers = managers;
		this.usual = new LookedUp<>(() -> usual(managers));
		this.transaction = transaction;
		this.fencing = fencing;
	}

	/**
	 * Takes the locks, all or none, and joins the calls of this thread that have some of
	 * them. Blocks for up to the wait time.
	 * @return what to close when the call ends, or {@code null} if it is to be skipped
	 */
	@Nullable LockedCall enter(List<LockRequest> requests, LockedMethod method) {
		return (requests.size() == 1) ? enter(requests.get(0), method) : enterAll(requests, method);
	}

	private @Nullable LockedCall enter(LockRequest request, LockedMethod method) {
		Fencing fencing = this.fencing.get().effective(method.fencing());
		Hold outer = outer(request, method);
		boolean insideTransaction = this.transaction.isActive();
		if (fencing == Fencing.REQUIRED && insideTransaction) {
			requireFenced(outer, request);
		}
		if (outer != null) {
			return join(outer, request, method, fencing, null);
		}
		LockGuard guard = acquire(request, method);
		return (guard != null) ? begin(guard, request, method, fencing, insideTransaction, null) : null;
	}

	private @Nullable LockedCall enterAll(List<LockRequest> requests, LockedMethod method) {
		Fencing fencing = this.fencing.get().effective(method.fencing());
		boolean insideTransaction = this.transaction.isActive();
		List<LockRequest> inOrder = LockOrder.of(requests);
		List<LockRequest> missing = new ArrayList<>();
		for (LockRequest request : inOrder) {
			Hold outer = outer(request, method);
			if (fencing == Fencing.REQUIRED && insideTransaction) {
				requireFenced(outer, request);
			}
			if (outer == null) {
				missing.add(request);
			}
			else {
				outer.checkMode(request.mode());
			}
		}
		Map<String, LockGuard> guards = missing.isEmpty() ? Map.of() : acquireAll(missing, method);
		if (guards == null) {
			return null;
		}
		LockedCall call = null;
		Map<String, LockGuard> unused = new TreeMap<>(guards);
		try {
			for (LockRequest request : inOrder) {
				LockGuard guard = unused.remove(request.key());
				call = (guard != null) ? begin(guard, request, method, fencing, insideTransaction, call)
						: join(Objects.requireNonNull(outer(request, method)), request, method, fencing, call);
			}
			return call;
		}
		catch (Throwable ex) {
			try (LockedCall begun = call; LockGuards rest = unused.isEmpty() ? null : LockGuards.of(unused.values())) {
				throw ex;
			}
		}
	}

	private @Nullable Hold outer(LockRequest request, LockedMethod method) {
		Map<String, Hold> held = this.holds.get();
		return (held != null) ? held.get(id(request.key(), method)) : null;
	}

	/**
	 * Of a key of a manager, the same whether a method names the usual one or none. The
	 * sign between them is in no key.
	 */
	String id(String key, LockedMethod method) {
		String name = method.manager();
		return (name.isEmpty() || manager(method) == this.usual.get().orElse(null)) ? key : key + "@" + name;
	}

	private static Optional<LockManager> usual(Function<String, LockManager> managers) {
		try {
			return Optional.of(managers.apply(""));
		}
		catch (NoUniqueBeanDefinitionException ex) {
			return Optional.empty();
		}
	}

	private static void requireFenced(@Nullable Hold outer, LockRequest request) {
		if (outer == null || !outer.isFenced()) {
			throw new IllegalStateException("The lock of key '" + request.key() + "' is asked for inside a running "
					+ "transaction, which may have read before and cannot be fenced; begin the transaction under the "
					+ "lock, or do not require fencing");
		}
		// the transaction may be one that nobody checks, under a call that puts up with
		// it
		GuardedWork.requireFencing(outer.guard());
	}

	private LockedCall join(Hold outer, LockRequest request, LockedMethod method, Fencing fencing,
			@Nullable LockedCall before) {
		outer.reenter(request.mode());
		return call(outer, fencing, method, false, before);
	}

	private LockedCall begin(LockGuard guard, LockRequest request, LockedMethod method, Fencing fencing,
			boolean insideTransaction, @Nullable LockedCall before) {
		Hold hold;
		try {
			hold = hold(guard, request, id(request.key(), method), fencing, insideTransaction);
		}
		catch (Throwable ex) {
			// a stack or a heap that ends here must not leave the key locked
			try (guard) {
				throw ex;
			}
		}
		return call(hold, fencing, method, !insideTransaction, before);
	}

	private LockedCall call(Hold hold, Fencing fencing, LockedMethod method, boolean first,
			@Nullable LockedCall before) {
		try {
			return new LockedCall(hold, fencing, method.onLost(), first && this.transaction.isBegunBy(method), before);
		}
		catch (Throwable ex) {
			try (hold) {
				throw ex;
			}
		}
	}

	/**
	 * What work on other threads finds its locks by, the same in contexts that share
	 * them.
	 */
	Object contextKey() {
		return this.holds;
	}

	/** The bean that locks a method. */
	LockManager manager(LockedMethod method) {
		return this.managers.apply(method.manager());
	}

	/**
	 * Lets work in, on whatever thread, under the lock that a call of this thread holds.
	 * @return what to leave when the work is done, or {@code null} if no call of this
	 * thread holds the key
	 */
	@Nullable SharedHold share(LockRequest request, LockedMethod method) {
		Hold outer = outer(request, method);
		return (outer != null) ? outer.share() : null;
	}

	/**
	 * Makes sure that the key of a method can be held on when it has returned. A lock
	 * manager that wraps one on files is found out by the first call.
	 * @throws LockedMethodException if it cannot
	 */
	void requireKeeping(LockedMethod method) {
		if (method.holdsOn() && (manager(method) instanceof PidFileLockManager
				|| manager(method) instanceof PerKeyFileLockManager)) {
			throw new LockedMethodException(method.method(), method.beanClass(),
					"holdAtLeast keeps its key beyond the end of its process, and a lock file is free then",
					"Keep the locks in a database, with cross-process-lock.backend=jdbc, or do without holdAtLeast");
		}
	}

	private @Nullable LockGuard acquire(LockRequest request, LockedMethod method) {
		NonBlockingThreads.refuse(request);
		LockManager locks = manager(method);
		try {
			if (method.onBusy() == OnBusy.SKIP) {
				return answered((locks instanceof AttemptingLockManager attempting) ? attempting.tryLockScoped(request)
						: locks.tryLock(request), locks)
					.orElse(null);
			}
			// it is closed here, however the call ends
			return answered((locks instanceof AttemptingLockManager attempting) ? attempting.lockScoped(request)
					: locks.lock(request), locks);
		}
		catch (LockTimeoutException ex) {
			throw withHolder(ex, method);
		}
		catch (InterruptedException ex) {
			throw interrupted(request, ex);
		}
	}

	private @Nullable Map<String, LockGuard> acquireAll(List<LockRequest> requests, LockedMethod method) {
		NonBlockingThreads.refuse(requests.get(0));
		LockManager locks = manager(method);
		try {
			LockGuards guards = answered((locks instanceof AttemptingLockManager attempting)
					? attempting.lockAllScoped(requests) : locks.lockAll(requests), locks);
			return guards.guards().stream().collect(Collectors.toMap(LockGuard::key, Function.identity()));
		}
		catch (LockTimeoutException ex) {
			if (method.onBusy() == OnBusy.SKIP) {
				return null;
			}
			throw withHolder(ex, method);
		}
		catch (InterruptedException ex) {
			throw interrupted(requests.get(0), ex);
		}
	}

	private LockTimeoutException withHolder(LockTimeoutException busy, LockedMethod method) {
		Thread holder = this.holders.get(id(busy.getKey(), method));
		return (holder != null)
				? new LockTimeoutException(busy.getKey(), busy.getWaited(), "this process, thread " + holder.getName())
				: busy;
	}

	private static LockInterruptedException interrupted(LockRequest request, InterruptedException cause) {
		Thread.currentThread().interrupt();
		return new LockInterruptedException(request.key(), cause);
	}

	static <T> T answered(@Nullable T answer, LockManager locks) {
		if (answer == null) {
			throw noAnswer(locks);
		}
		return answer;
	}

	static IllegalStateException noAnswer(LockManager locks) {
		return new IllegalStateException("The LockManager bean, of " + locks.getClass()
				+ ", has returned null instead of a guard, so that the method cannot run under a lock. Is it a "
				+ "mock? Let it return a guard, or use a MemoryLockManager in the test");
	}

	private Hold hold(LockGuard guard, LockRequest request, String id, Fencing fencing, boolean insideTransaction) {
		Map<String, Hold> held = this.holds.get();
		// a thread holds few keys at a time
		Map<String, Hold> all = (held != null) ? held : new ConcurrentHashMap<>(2);
		boolean fenced = fencing != Fencing.OFF && !insideTransaction;
		Hold hold = new Hold(guard, request.mode(), fenced, () -> forget(all, id));
		try {
			this.holds.set(all);
			all.put(id, hold);
			this.holders.put(id, Thread.currentThread());
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

	private void forget(Map<String, Hold> all, String id) {
		all.remove(id);
		this.holders.remove(id);
		if (all.isEmpty() && this.holds.get() == all) {
			this.holds.remove();
		}
	}

}
