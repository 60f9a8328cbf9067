package org.crossprocesslock.shedlock;

import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import net.javacrumbs.shedlock.core.AbstractSimpleLock;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.engine.GuardedWork;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A name from its lock to its end, through all extensions.
 */
final class HeldName {

	private static final Logger logger = LoggerFactory.getLogger(CrossProcessLockProvider.class);

	private final LockGuard guard;

	private final ScheduledExecutorService timer;

	private final Consumer<HeldName> ended;

	// nothing under this lock blocks
	private final ReentrantLock changing = new ReentrantLock();

	private long endNanos;

	/** Until when an extension keeps it; the store knows only the first time. */
	private long keptUntilNanos;

	private @Nullable Future<?> alarm;

	private boolean unlocked;

	private boolean over;

	/**
	 * Creates it as it is until it is extended.
	 * @param sinceNanos a moment before it was granted
	 */
	HeldName(LockGuard guard, LockConfiguration configuration, long sinceNanos, ScheduledExecutorService timer,
			Consumer<HeldName> ended) {
		this.guard = guard;
		this.timer = timer;
		this.ended = ended;
		this.keptUntilNanos = sinceNanos;
		this.endNanos = sinceNanos + TimeSource.nanos(configuration.getLockAtMostFor());
	}

	/** Begins to wait for its end. */
	SimpleLock begin(LockConfiguration configuration) {
		this.changing.lock();
		try {
			endAt(this.endNanos);
		}
		finally {
			this.changing.unlock();
		}
		return new Extent(configuration);
	}

	private void endAt(long nanos) {
		this.endNanos = nanos;
		stopAlarm();
		this.alarm = this.timer.schedule(this::endIfDue, nanos - TimeSource.SYSTEM.nanos(), TimeUnit.NANOSECONDS);
	}

	private void stopAlarm() {
		if (this.alarm != null) {
			this.alarm.cancel(false);
		}
	}

	private boolean isDue() {
		return this.endNanos - TimeSource.SYSTEM.nanos() <= 0;
	}

	private boolean extend(LockConfiguration configuration) {
		this.changing.lock();
		try {
			if (this.over || this.unlocked || isDue() || !this.guard.isHeld()) {
				return false;
			}
			long now = TimeSource.SYSTEM.nanos();
			this.keptUntilNanos = now + TimeSource.nanos(configuration.getLockAtLeastFor());
			endAt(now + TimeSource.nanos(configuration.getLockAtMostFor()));
			return true;
		}
		finally {
			this.changing.unlock();
		}
	}

	private void unlock() {
		this.changing.lock();
		try {
			if (this.over) {
				return;
			}
			this.unlocked = true;
			if (this.keptUntilNanos - TimeSource.SYSTEM.nanos() > 0 && !this.timer.isShutdown()) {
				endAt(this.keptUntilNanos);
				endWorkOfThread();
				return;
			}
			this.over = true;
			stopAlarm();
		}
		finally {
			this.changing.unlock();
		}
		this.ended.accept(this);
		this.guard.close();
	}

	/**
	 * Its thread goes on to other jobs, whose transactions would be checked under a guard
	 * that is closed meanwhile.
	 */
	private void endWorkOfThread() {
		GuardedWork.begin(this.guard, Fencing.OFF).close();
	}

	/** Gives the name back if its time is over, whoever still works under it. */
	void endIfDue() {
		boolean working;
		this.changing.lock();
		try {
			if (this.over || !isDue()) {
				return;
			}
			this.over = true;
			working = !this.unlocked;
			stopAlarm();
		}
		finally {
			this.changing.unlock();
		}
		this.ended.accept(this);
		if (working) {
			logger.warn("The work under '{}' has taken longer than lockAtMostFor: its lock is given up, and others may "
					+ "run it meanwhile. Give it more time", this.guard.key());
		}
		try {
			this.guard.close();
		}
		catch (RuntimeException ex) {
			logger.warn("The lock of '{}' was not there any more at its end", this.guard.key(), ex);
		}
	}

	/** The name until it is unlocked or extended. */
	private final class Extent extends AbstractSimpleLock {

		Extent(LockConfiguration configuration) {
			super(configuration);
		}

		@Override
		protected Optional<SimpleLock> doExtend(LockConfiguration configuration) {
			return HeldName.this.extend(configuration) ? Optional.of(new Extent(configuration)) : Optional.empty();
		}

		@Override
		protected void doUnlock() {
			HeldName.this.unlock();
		}

	}

}
