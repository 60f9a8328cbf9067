package org.crossprocesslock.engine;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what users want to be called back with. Such code may block, so it never runs on a
 * thread that renews a lease. However many callbacks there are at once, they have a
 * bounded number of threads; those for which there is none wait, in order. Nothing is
 * refused or forgotten, also while no thread can be made.
 */
final class Callbacks {

	/** As many may block before the next has to wait. */
	static final int MOST_THREADS = 64;

	/** Tells that guards are lost. */
	static final Callbacks LOSSES = new Callbacks(EngineThreads.named("cross-process-lock-lost"));

	/** Completes futures: apart, so that neither kind waits for the other. */
	static final Callbacks FUTURES = new Callbacks(EngineThreads.named("cross-process-lock-future"));

	private static final Logger logger = LoggerFactory.getLogger(Callbacks.class);

	private final ThreadPoolExecutor threads;

	Callbacks(ThreadFactory threads) {
		this.threads = new ThreadPoolExecutor(MOST_THREADS, MOST_THREADS, 5, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), threads);
		this.threads.allowCoreThreadTimeOut(true);
	}

	void run(Runnable callback) {
		Runnable guarded = () -> guarded(callback);
		try {
			this.threads.execute(guarded);
		}
		catch (Throwable ex) {
			// no thread can be made: one that is there takes it, or the first that can be
			this.threads.getQueue().add(guarded);
			logger.debug("A callback has to wait for a thread", ex);
		}
	}

	/** Takes up what waits for a thread. To be called now and then. */
	static void catchUp() {
		LOSSES.takeUp();
		FUTURES.takeUp();
	}

	void takeUp() {
		if (!this.threads.getQueue().isEmpty() && this.threads.getPoolSize() == 0) {
			try {
				this.threads.prestartCoreThread();
			}
			catch (Throwable ex) {
				logger.debug("There is still no thread for callbacks", ex);
			}
		}
	}

	private static void guarded(Runnable callback) {
		try {
			callback.run();
		}
		catch (Throwable ex) {
			// also checked exceptions, which other languages throw anywhere
			logger.error("A lock callback failed", ex);
		}
	}

}
