package org.crossprocesslock.engine;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Something to be done after a while, unless it is cancelled before. It is done on a
 * thread of its own, so one that blocks delays no other. Safe from any thread.
 *
 * @since 0.1.0
 */
public final class Deadline {

	private static final ScheduledThreadPoolExecutor timer = timer();

	private final ScheduledFuture<?> task;

	private Deadline(ScheduledFuture<?> task) {
		this.task = task;
	}

	/**
	 * Has the action run later. What it throws is logged.
	 * @param nanos after how many nanoseconds, at most {@link TimeSource#FOREVER_NANOS}
	 * @param action what to do
	 * @return to cancel it with
	 */
	public static Deadline after(long nanos, Runnable action) {
		return new Deadline(timer.schedule(() -> Callbacks.run(action), nanos, TimeUnit.NANOSECONDS));
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
