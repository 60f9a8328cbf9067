package org.crossprocesslock.lease;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

import org.crossprocesslock.FailingListener;
import org.jspecify.annotations.Nullable;

/**
 * A task that may stop in its middle, for which it has a thread of its own. Only one
 * thread runs at a time: whoever runs or resumes a task stands still until it stops or
 * ends. No lock may be held where it stops.
 */
final class SimulatedThread {

	private static final ExecutorService threads = Executors.newCachedThreadPool((task) -> {
		Thread thread = new Thread(task, "simulated");
		thread.setDaemon(true);
		return thread;
	});

	private static final ThreadLocal<@Nullable SimulatedThread> current = new ThreadLocal<>();

	private final Semaphore turn = new Semaphore(0);

	private final Semaphore rest = new Semaphore(0);

	private @Nullable Throwable thrown;

	private SimulatedThread() {
	}

	/** Runs the task until it first stops, or to its end. */
	static void run(Runnable task) {
		SimulatedThread made = new SimulatedThread();
		threads.execute(() -> {
			current.set(made);
			try {
				task.run();
			}
			catch (Throwable ex) {
				made.thrown = ex;
			}
			finally {
				current.remove();
				made.rest.release();
			}
		});
		made.awaitRest();
	}

	/** The task that runs just now, if it may stop. */
	static @Nullable SimulatedThread current() {
		return current.get();
	}

	/** Stops until it is resumed. To be called by the task itself. */
	void stop() {
		this.rest.release();
		this.turn.acquireUninterruptibly();
	}

	/** Has the task go on until it stops again, or to its end. */
	void resume() {
		this.turn.release();
		awaitRest();
	}

	private void awaitRest() {
		this.rest.acquireUninterruptibly();
		if (this.thrown != null) {
			throw FailingListener.<RuntimeException>sneaky(this.thrown);
		}
	}

}
