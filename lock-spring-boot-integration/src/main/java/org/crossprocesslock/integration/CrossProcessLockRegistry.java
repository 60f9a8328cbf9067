package org.crossprocesslock.integration;

import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockKeys;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.KeyText;
import org.crossprocesslock.engine.EngineThreads;
import org.jspecify.annotations.Nullable;

import org.springframework.integration.support.locks.DistributedLock;
import org.springframework.integration.support.locks.RenewableLockRegistry;

/**
 * Locks of Spring Integration that are locks of a {@link LockManager}: re-entrant for the
 * thread that has one, and exclusive against all others, here and elsewhere.
 * <p>
 * <b>Time to live.</b> A lock is kept by the lease of the process, so it needs no renewal
 * and no scheduler. One that is taken with a time to live ends at that time even if its
 * thread still works, unless it was renewed: {@link #renewLock(Object)} gives it that
 * time again, {@link #renewLock(Object, Duration)} another. Locking it once more leaves
 * its time as it is. One thread waits for the ends of all such locks, while there are
 * any.
 * </p>
 * <p>
 * <b>Lost locks.</b> Unlocking or renewing a lock that was lost, or whose time is over,
 * is a {@link ConcurrentModificationException}, as in the registries of Spring
 * Integration. A thread that locks once more what it has lost is not let in as if it
 * still had it: {@code tryLock} returns {@code false} once and discards the lost lock, so
 * that a leader detects that it no longer leads, and {@code lock} throws that exception.
 * </p>
 * <p>
 * <b>Keys.</b> The text of a lock key that is an allowed key is that key, so that it
 * excludes what locks the same key in another way; {@link LockKeys#ofName} makes a key of
 * any other. A lock that is not held has no state, so there is nothing to expire.
 * Transactions that begin on the thread after {@code tryLock}, {@code lockInterruptibly}
 * and {@code executeLocked} are fenced, those after {@code lock} are not. There are no
 * conditions. Safe from any thread.
 * </p>
 *
 * @since 0.1.0
 */
public final class CrossProcessLockRegistry implements RenewableLockRegistry<DistributedLock>, AutoCloseable {

	/**
	 * The {@link org.crossprocesslock.LockRequest#name()} of all requests but those of
	 * {@code tryLock()}, which have none.
	 */
	public static final String REQUEST_NAME = "spring-integration";

	private static final Duration IDLE = Duration.ofSeconds(10);

	private final LockManager locks;

	private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
			EngineThreads.named("cross-process-lock-integration"));

	// a lock belongs to a thread, as every java.util.concurrent.locks.Lock does
	@SuppressWarnings("ThreadLocalUsage")
	private final ThreadLocal<@Nullable Map<String, ThreadLock>> held = new ThreadLocal<>();

	/**
	 * Creates the registry.
	 * @param locks makes the locks; is not closed by this
	 */
	public CrossProcessLockRegistry(LockManager locks) {
		this.locks = locks;
		this.timer.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
		this.timer.allowCoreThreadTimeOut(true);
		this.timer.setRemoveOnCancelPolicy(true);
		// nobody waits for an end any more once this is closed
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
	}

	/**
	 * The lock of a key. Any number of these stand for one lock.
	 * @param lockKey is asked for its text, an enum constant for its name
	 * @return a lock, which need not be given back
	 * @throws IllegalArgumentException if the text is empty or would be another one in
	 * each process: that of an array, a collection, a map, or an object whose class has
	 * no {@code toString()}
	 */
	@Override
	public DistributedLock obtain(Object lockKey) {
		return new RegisteredLock(this, key(lockKey));
	}

	/**
	 * Gives a lock of this thread its time to live again. Does nothing else to one that
	 * has none, which the lease keeps.
	 * @param lockKey the key
	 * @throws IllegalStateException if this thread does not have the lock
	 * @throws ConcurrentModificationException if it was lost
	 */
	@Override
	public void renewLock(Object lockKey) {
		required(lockKey).renew(null);
	}

	/**
	 * Gives a lock of this thread a time to live from now on.
	 * @param lockKey the key
	 * @param ttl when the lock ends even if this thread still works
	 * @throws IllegalStateException if this thread does not have the lock
	 * @throws ConcurrentModificationException if it was lost
	 */
	@Override
	public void renewLock(Object lockKey, Duration ttl) {
		required(lockKey).renew(ttl);
	}

	private ThreadLock required(Object lockKey) {
		ThreadLock lock = ofThread(key(lockKey));
		if (lock == null) {
			throw new IllegalStateException("The thread does not have the lock of '" + lockKey + "'");
		}
		return lock;
	}

	private static String key(Object lockKey) {
		return LockKeys.ofName(KeyText.of(lockKey, "The lock key"));
	}

	/**
	 * Ends the waiting for ends. Locks that are held then, or are taken by work that goes
	 * on, are held until they are unlocked or the {@link LockManager} is closed.
	 */
	@Override
	public void close() {
		this.timer.shutdownNow();
	}

	LockManager locks() {
		return this.locks;
	}

	/** What this thread has of a key. */
	@Nullable ThreadLock ofThread(String key) {
		Map<String, ThreadLock> all = this.held.get();
		return (all != null) ? all.get(key) : null;
	}

	/** Lets this thread have a guard. */
	void enter(LockGuard guard, @Nullable Duration ttl) {
		Map<String, ThreadLock> present = this.held.get();
		Map<String, ThreadLock> all = (present != null) ? present : new HashMap<>();
		this.held.set(all);
		all.put(guard.key(), new ThreadLock(guard, this.timer, ttl));
	}

	/** Forgets what this thread has of a key. */
	void forget(String key) {
		Map<String, ThreadLock> all = this.held.get();
		if (all != null) {
			all.remove(key);
			if (all.isEmpty()) {
				this.held.remove();
			}
		}
	}

}
