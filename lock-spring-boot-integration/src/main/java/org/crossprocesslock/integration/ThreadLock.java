package org.crossprocesslock.integration;

import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lock that one thread has, from its first lock to its last unlock. Used by that
 * thread, and by the timer.
 */
final class ThreadLock {

	private static final Logger logger = LoggerFactory.getLogger(CrossProcessLockRegistry.class);

	private final LockGuard guard;

	private final ScheduledExecutorService timer;

	// nothing under this lock blocks
	private final ReentrantLock changing = new ReentrantLock();

	private int depth = 1;

	private @Nullable Duration ttl;

	private long endNanos;

	private @Nullable Future<?> alarm;

	/** Nobody has it any more. */
	private boolean over;

	ThreadLock(LockGuard guard, ScheduledExecutorService timer, @Nullable Duration ttl) {
		this.guard = guard;
		this.timer = timer;
		setEnd(ttl);
	}

	/** Whether it is certainly held. */
	boolean isHeld() {
		this.changing.lock();
		try {
			return !this.over && !isDue() && this.guard.isHeld();
		}
		finally {
			this.changing.unlock();
		}
	}

	void enterAgain() {
		requireHeld();
		this.depth++;
	}

	/** Whether the next to leave is who came first. */
	boolean isLast() {
		return this.depth == 1;
	}

	void leave() {
		this.depth--;
		if (this.depth > 0) {
			return;
		}
		boolean inTime = !isDue();
		if (!end()) {
			throw lost(null);
		}
		try {
			this.guard.close();
		}
		catch (LockLostException ex) {
			throw lost(ex);
		}
		if (!inTime) {
			throw lost(null);
		}
	}

	/** Gives up what is lost, so that nothing is left of it. */
	void drop() {
		if (end()) {
			closeLate();
		}
	}

	void renew(@Nullable Duration newTtl) {
		requireHeld();
		this.changing.lock();
		try {
			setEnd((newTtl != null) ? newTtl : this.ttl);
		}
		finally {
			this.changing.unlock();
		}
	}

	private void requireHeld() {
		if (!isHeld()) {
			throw lost(null);
		}
	}

	private ConcurrentModificationException lost(@Nullable LockLostException cause) {
		return new ConcurrentModificationException("The lock of '" + this.guard.key()
				+ "' was lost while the thread had it, or its time to live is over. Others may have had it since; treat "
				+ "the work done under it as done without a lock", cause);
	}

	private void setEnd(@Nullable Duration newTtl) {
		this.ttl = newTtl;
		stopAlarm();
		if (newTtl != null) {
			long nanos = TimeSource.nanos(newTtl);
			this.endNanos = TimeSource.SYSTEM.nanos() + nanos;
			this.alarm = this.timer.schedule(this::endIfDue, nanos, TimeUnit.NANOSECONDS);
		}
	}

	private void stopAlarm() {
		if (this.alarm != null) {
			this.alarm.cancel(false);
			this.alarm = null;
		}
	}

	private boolean isDue() {
		return this.ttl != null && this.endNanos - TimeSource.SYSTEM.nanos() <= 0;
	}

	/** Answers {@code false} if it was over before. */
	private boolean end() {
		this.changing.lock();
		try {
			boolean wasOver = this.over;
			this.over = true;
			stopAlarm();
			return !wasOver;
		}
		finally {
			this.changing.unlock();
		}
	}

	private void endIfDue() {
		this.changing.lock();
		try {
			if (this.over || !isDue()) {
				return;
			}
			this.over = true;
		}
		finally {
			this.changing.unlock();
		}
		logger.warn(
				"The time to live of the lock of '{}' is over while its thread has it: it is given up, and others may "
						+ "have it now",
				this.guard.key());
		closeLate();
	}

	private void closeLate() {
		try {
			this.guard.close();
		}
		catch (RuntimeException ex) {
			logger.warn("The lock of '{}' was not there any more at its end", this.guard.key(), ex);
		}
	}

}
