package org.crossprocesslock.engine;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what users want to be called back with. Such code may block, so it never runs on a
 * thread that renews a lease. However many callbacks there are at once, they have a
 * bounded number of threads; those for which there is none wait, in order. Nothing is
 * refused or forgotten, also while no thread can be made. Safe from any thread; nothing
 * blocks or throws.
 *
 * @since 0.1.0
 */
public final class Callbacks {

	/** As many may block before the next has to wait. */
	static final int MOST_THREADS = 64;

	/** Tells that guards are lost. */
	public static final Callbacks LOSSES = new Callbacks(threads("cross-process-lock-lost"), MOST_THREADS);

	/** Completes futures: apart, so that neither kind waits for the other. */
	public static final Callbacks FUTURES = new Callbacks(threads("cross-process-lock-future"), MOST_THREADS);

	private static final Logger logger = LoggerFactory.getLogger(Callbacks.class);

	private final RepeatedFault failures = new RepeatedFault();

	private final Executor threads;

	private final int most;

	private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();

	/** Threads that see to what waits, or are about to. */
	private final AtomicInteger atWork = new AtomicInteger();

	/**
	 * Creates callbacks for which no thread is made yet.
	 * @param threads gives a task a thread, or throws what the machine throws
	 * @param most how many tasks there are at a time at most
	 */
	Callbacks(Executor threads, int most) {
		this.threads = threads;
		this.most = most;
	}

	private static Executor threads(String name) {
		return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(),
				EngineThreads.named(name));
	}

	public void run(Runnable callback) {
		this.waiting.add(callback);
		takeUp();
	}

	/** Takes up what waits for a thread. To be called now and then. */
	static void catchUp() {
		LOSSES.takeUp();
		FUTURES.takeUp();
	}

	void takeUp() {
		if (this.waiting.isEmpty() || !mayWork()) {
			return;
		}
		try {
			this.threads.execute(this::work);
		}
		catch (Throwable ex) {
			// no thread can be made: one that is there takes it, or the first that can be
			this.atWork.decrementAndGet();
			logger.debug("A callback has to wait for a thread", ex);
		}
	}

	private boolean mayWork() {
		return this.atWork.getAndUpdate((count) -> Math.min(count + 1, this.most)) < this.most;
	}

	private void work() {
		try {
			for (Runnable next = this.waiting.poll(); next != null; next = this.waiting.poll()) {
				guarded(next);
			}
		}
		finally {
			this.atWork.decrementAndGet();
			// for what came after the last look, when this thread still counted, or was
			// left behind because the log is broken
			takeUp();
		}
	}

	private void guarded(Runnable callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			// also checked exceptions, which other languages throw anywhere
			this.failures.happened((more) -> logger.error("A lock callback failed{}", more, ex));
		}
		finally {
			// an interrupt that was meant for this one is none for the next
			boolean unused = Thread.interrupted();
		}
	}

}
