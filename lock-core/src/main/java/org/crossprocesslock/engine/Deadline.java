package org.crossprocesslock.engine;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something to be done after a while, unless it is cancelled before. All share one
 * thread, so what is done must not block; what it throws reaches no other. Safe from any
 * thread.
 *
 * @since 0.1.0
 */
public final class Deadline {

	private static final Logger logger = LoggerFactory.getLogger(Deadline.class);

	private static final ScheduledThreadPoolExecutor timer = timer();

	private final ScheduledFuture<?> task;

	private Deadline(ScheduledFuture<?> task) {
		this.task = task;
	}

	/**
	 * Has the action run later. What it throws is logged. Throws what the machine throws
	 * if it has no thread to give; the action may then run all the same.
	 * @param nanos after how many nanoseconds, at most {@link TimeSource#FOREVER_NANOS}
	 * @param action what to do, without blocking
	 * @return to cancel it with
	 */
	public static Deadline after(long nanos, Runnable action) {
		return new Deadline(timer.schedule(() -> guarded(action), nanos, TimeUnit.NANOSECONDS));
	}

	private static void guarded(Runnable action) {
		try {
			action.run();
		}
		catch (Throwable ex) {
			logger.error("What was to be done at the end of a time failed; please report this", ex);
		}
	}

	/**
	 * Prevents the action if it has not begun, and forgets it at once, however far away
	 * it was.
	 */
	public void cancel() {
		this.task.cancel(false);
	}

	boolean isRemembered() {
		return timer.getQueue().contains(this.task);
	}

	private static ScheduledThreadPoolExecutor timer() {
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1,
				EngineThreads.named("cross-process-lock-deadlines"));
		executor.setRemoveOnCancelPolicy(true);
		executor.setKeepAliveTime(5, TimeUnit.SECONDS);
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

}
