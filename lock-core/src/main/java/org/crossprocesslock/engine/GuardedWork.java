package org.crossprocesslock.engine;

import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.jspecify.annotations.Nullable;

/**
 * Work that a thread does under a guard, known to those who check the transactions of
 * that thread. Begun and closed by the same thread, the last begun first.
 *
 * @since 0.1.0
 */
public final class GuardedWork implements AutoCloseable {

	// like the transactions it is for, work belongs to a thread whoever runs it
	@SuppressWarnings("ThreadLocalUsage")
	private static final ThreadLocal<@Nullable GuardedWork> INNERMOST = new ThreadLocal<>();

	private final LockGuard guard;

	private final Fencing fencing;

	private final @Nullable GuardedWork outer;

	private @Nullable Object firstTransaction;

	private boolean firstCommitted;

	private GuardedWork(LockGuard guard, Fencing fencing, @Nullable GuardedWork outer) {
		this.guard = guard;
		this.fencing = fencing;
		this.outer = outer;
	}

	/**
	 * Begins work on this thread.
	 * @param guard the guard that is held
	 * @param fencing what is to be done about its transactions
	 * @return what to close when the work is done
	 */
	public static GuardedWork begin(LockGuard guard, Fencing fencing) {
		GuardedWork work = new GuardedWork(guard, fencing, INNERMOST.get());
		INNERMOST.set(work);
		return work;
	}

	/**
	 * The work this thread is doing.
	 * @return work that is not closed, the innermost first
	 */
	public static List<GuardedWork> ofThread() {
		GuardedWork work = INNERMOST.get();
		if (work == null) {
			return List.of();
		}
		List<GuardedWork> all = new ArrayList<>();
		for (; work != null; work = work.outer) {
			all.add(work);
		}
		return all;
	}

	public LockGuard guard() {
		return this.guard;
	}

	public Fencing fencing() {
		return this.fencing;
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
		if (this.outer == null) {
			INNERMOST.remove();
		}
		else {
			INNERMOST.set(this.outer);
		}
	}

}
