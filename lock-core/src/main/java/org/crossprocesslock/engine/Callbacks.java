package org.crossprocesslock.engine;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what users want to be called back with. Such code may block, so it never runs on a
 * thread that renews a lease, and each call gets a thread of its own while it runs.
 */
final class Callbacks {

	private static final Logger logger = LoggerFactory.getLogger(Callbacks.class);

	private static final AtomicInteger number = new AtomicInteger();

	private static final ExecutorService executor = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS,
			new SynchronousQueue<>(),
			(task) -> EngineThreads.daemon("cross-process-lock-callback-" + number.incrementAndGet(), task));

	private Callbacks() {
	}

	static void run(Runnable callback) {
		executor.execute(() -> {
			try {
				callback.run();
			}
			catch (RuntimeException | Error ex) {
				logger.error("A lock callback failed", ex);
			}
		});
	}

}
