package org.crossprocesslock.shedlock;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockKeys;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;

/**
 * Locks of ShedLock that are locks of a {@link LockManager}. The times mean what they
 * mean in ShedLock:
 * <ul>
 * <li><b>{@code lockAtLeastFor}</b> keeps the name busy for that time from its grant,
 * {@link LockRequest#LONGEST_HOLD_AT_LEAST} at most, however soon it is unlocked, through
 * a crash where the store outlives the process. Locks in files refuse it. What an
 * extension asks for lasts through the end of the extended lock, but not through that of
 * the process; it can lengthen the first time, not shorten it.</li>
 * <li><b>{@code lockAtMostFor}</b> ends the lock even if its holder still works: at that
 * time the guard is closed here and a WARN says so, the name is free for others, the lock
 * can no longer be extended, and unlocking it does nothing. Until then the lock is kept
 * by the lease of the process. So the name of a process that has died is free after the
 * lease, which is sooner in most cases.</li>
 * </ul>
 * <p>
 * A name that is an allowed key is that key, so that it excludes what locks the same key
 * in another way; {@link LockKeys#ofName} makes a key of any other. All requests have the
 * name {@value #REQUEST_NAME} in meters.
 * </p>
 * <p>
 * A name that is held, here or elsewhere, is not locked; a store that fails is a
 * {@link org.crossprocesslock.LockStoreException}; and unlocking a lock whose lease ran
 * out is a {@link org.crossprocesslock.LockLostException}, as others may have run the
 * job. Safe from any thread. One thread waits for the ends of all locks, while there are
 * any.
 * </p>
 *
 * @since 0.1.0
 */
public final class CrossProcessLockProvider implements ExtensibleLockProvider, AutoCloseable {

	/** The {@link LockRequest#name()} of all requests. */
	public static final String REQUEST_NAME = "shedlock";

	private static final Duration IDLE = Duration.ofSeconds(10);

	private final LockManager locks;

	private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1,
			EngineThreads.named("cross-process-lock-shedlock"));

	private final Map<String, HeldName> held = new ConcurrentHashMap<>();

	/**
	 * Creates the provider.
	 * @param locks makes the locks; is not closed by this
	 */
	public CrossProcessLockProvider(LockManager locks) {
		this.locks = locks;
		this.timer.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
		this.timer.allowCoreThreadTimeOut(true);
		this.timer.setRemoveOnCancelPolicy(true);
		// nobody waits for an end any more once this is closed
		this.timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
	}

	/**
	 * Locks a name, or finds it held. Does not wait for its holder.
	 * @param configuration the name and the times
	 * @return the lock, or empty if the name is held
	 * @throws LockInterruptedException if the thread is interrupted, which it then still
	 * is
	 * @throws IllegalArgumentException if {@code lockAtLeastFor} is too long
	 * @throws org.crossprocesslock.LockStoreException if the store failed
	 */
	@Override
	public Optional<SimpleLock> lock(LockConfiguration configuration) {
		String key = LockKeys.ofName(configuration.getName());
		endIfDue(key);
		long sinceNanos = TimeSource.SYSTEM.nanos();
		LockRequest request = new LockRequest(key, LockMode.EXCLUSIVE, Duration.ZERO, REQUEST_NAME,
				configuration.getLockAtLeastFor());
		try {
			return this.locks.tryLock(request).map((guard) -> begin(guard, configuration, sinceNanos));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new LockInterruptedException(key, ex);
		}
	}

	private SimpleLock begin(LockGuard guard, LockConfiguration configuration, long sinceNanos) {
		HeldName name = new HeldName(guard, configuration, sinceNanos, this.timer,
				(ended) -> this.held.remove(guard.key(), ended));
		this.held.put(guard.key(), name);
		return name.begin(configuration);
	}

	/** Its end may be due and its turn on the timer not have come. */
	private void endIfDue(String key) {
		HeldName name = this.held.get(key);
		if (name != null) {
			name.endIfDue();
		}
	}

	/**
	 * Ends the waiting for ends. Locks that are held then, or are taken by work that goes
	 * on, are held until they are unlocked or the {@link LockManager} is closed.
	 */
	@Override
	public void close() {
		this.timer.shutdownNow();
	}

}
