package org.crossprocesslock.engine;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.jspecify.annotations.Nullable;

/**
 * Work that a thread does under a guard, known to those who check the transactions of
 * that thread. Closed in any order and by any thread; all else is done by the thread that
 * began it.
 *
 * @since 0.1.0
 */
public final class GuardedWork implements AutoCloseable {

	// like the transactions it is for, work belongs to a thread whoever runs it
	@SuppressWarnings("ThreadLocalUsage")
	private static final ThreadLocal<@Nullable GuardedWork> INNERMOST = new ThreadLocal<>();

	private final Thread thread = Thread.currentThread();

	private final String key;

	private final Supplier<@Nullable LockGuard> guard;

	private Fencing fencing;

	// replaced by the work of whoever says what is to be done under the guard
	private final boolean assumed;

	private @Nullable GuardedWork outer;

	private volatile boolean closed;

	private @Nullable Object firstTransaction;

	private boolean firstCommitted;

	private GuardedWork(String key, Supplier<@Nullable LockGuard> guard, Fencing fencing, boolean assumed) {
		this.key = key;
		this.guard = guard;
		this.fencing = fencing;
		this.assumed = assumed;
	}

	/**
	 * Begins work on this thread. Replaces what was assumed of the guard, if this thread
	 * has acquired it.
	 * @param guard the guard that is held
	 * @param fencing what is to be done about its transactions
	 * @return what to close when the work is done
	 */
	public static GuardedWork begin(LockGuard guard, Fencing fencing) {
		LockGuard own = guard;
		for (GuardedWork work = innermost(); work != null; work = work.outer) {
			LockGuard assumed = work.assumed ? work.guard() : null;
			if (assumed != null && isOrWraps(guard, assumed)) {
				work.closed = true;
				own = assumed;
				break;
			}
		}
		LockGuard acquired = own;
		return begin(new GuardedWork(guard.key(), () -> acquired, fencing, false));
	}

	/**
	 * Assumes that whatever this thread does until the guard is closed is work under it.
	 * @param guard a guard that this thread has acquired
	 * @return what to close when the guard is
	 */
	static GuardedWork assume(LockGuard guard) {
		// one that is forgotten must be found by the garbage collector
		WeakReference<LockGuard> weak = new WeakReference<>(guard);
		return begin(new GuardedWork(guard.key(), weak::get, Fencing.AUTO, true));
	}

	/**
	 * Whoever wraps a manager may have wrapped its guard too. Guards that share a key
	 * have one token.
	 */
	private static boolean isOrWraps(LockGuard guard, LockGuard acquired) {
		return (guard instanceof OpenGuard) ? guard == acquired
				: acquired.key().equals(guard.key()) && acquired.fencingToken() == guard.fencingToken();
	}

	private static GuardedWork begin(GuardedWork work) {
		work.outer = innermost();
		INNERMOST.set(work);
		return work;
	}

	/** Without what was closed, which other threads do not take out. */
	private static @Nullable GuardedWork innermost() {
		GuardedWork innermost = open(INNERMOST.get());
		for (GuardedWork work = innermost; work != null; work = work.outer) {
			work.outer = open(work.outer);
		}
		return innermost;
	}

	private static @Nullable GuardedWork open(@Nullable GuardedWork work) {
		GuardedWork open = work;
		while (open != null && open.closed) {
			open = open.outer;
		}
		return open;
	}

	/**
	 * The work this thread is doing.
	 * @return work that is not closed, the innermost first
	 */
	public static List<GuardedWork> ofThread() {
		GuardedWork work = innermost();
		if (work == null) {
			return List.of();
		}
		List<GuardedWork> all = new ArrayList<>();
		for (; work != null; work = work.outer) {
			all.add(work);
		}
		return all;
	}

	/**
	 * The key of the guard.
	 * @return the key
	 */
	public String key() {
		return this.key;
	}

	/**
	 * The guard.
	 * @return the guard, {@code null} if nobody has it any more and the garbage collector
	 * has found it
	 */
	public @Nullable LockGuard guard() {
		return this.guard.get();
	}

	/**
	 * What is to be done about its transactions.
	 * @return what was asked for when it was begun, or since
	 */
	public Fencing fencing() {
		return this.fencing;
	}

	/**
	 * Requires the check of all transactions of this thread under a guard, also of those
	 * that have begun: what has joined them requires it.
	 * @param guard the guard
	 */
	public static void requireFencing(LockGuard guard) {
		for (GuardedWork work = innermost(); work != null; work = work.outer) {
			LockGuard acquired = work.guard();
			if (acquired != null && isOrWraps(guard, acquired)) {
				work.fencing = Fencing.REQUIRED;
			}
		}
	}

	/**
	 * Whether nobody has said that there is such work: the thread has only acquired the
	 * guard.
	 * @return whether it is assumed
	 */
	public boolean isAssumed() {
		return this.assumed;
	}

	/**
	 * Says that a transaction has begun.
	 * @param transaction what stands for it
	 */
	public void begun(Object transaction) {
		if (this.firstTransaction == null) {
			this.firstTransaction = transaction;
		}
	}

	/**
	 * Says that a transaction was committed after its check.
	 * @param transaction what stood for it when it began
	 */
	public void committed(Object transaction) {
		this.firstCommitted |= transaction == this.firstTransaction;
	}

	/**
	 * Whether the transaction that was begun first is committed. Where the work is a
	 * single transaction, it was all done while nobody else had the key, even if the
	 * guard was lost since.
	 * @return whether {@link #committed} was called for the first transaction
	 */
	public boolean isFirstTransactionCommitted() {
		return this.firstCommitted;
	}

	@Override
	public void close() {
		this.closed = true;
		if (this.thread == Thread.currentThread()) {
			takeOut();
		}
	}

	private static void takeOut() {
		GuardedWork innermost = innermost();
		if (innermost == null) {
			INNERMOST.remove();
		}
		else {
			INNERMOST.set(innermost);
		}
	}

}
