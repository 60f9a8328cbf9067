package org.crossprocesslock.annotation;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.engine.EngineThreads;

/**
 * Closes guards for those whose thread may not wait for their release.
 */
final class NonBlockingClose {

	/** As many may be waited for before the next has to wait. */
	private static final int THREADS = 64;

	private static final ThreadPoolExecutor threads = threads();

	private NonBlockingClose() {
	}

	/**
	 * Closes a guard on another thread. Does not block.
	 * @return completes when {@link LockGuard#close()} has returned, or fails with what
	 * it has thrown, on a thread that may block
	 */
	static CompletableFuture<Void> of(LockGuard guard) {
		CompletableFuture<Void> closed = new CompletableFuture<>();
		threads.execute(() -> close(guard, closed));
		return closed;
	}

	private static void close(LockGuard guard, CompletableFuture<Void> closed) {
		try {
			guard.close();
			closed.complete(null);
		}
		catch (Throwable ex) {
			closed.completeExceptionally(ex);
		}
	}

	private static ThreadPoolExecutor threads() {
		ThreadPoolExecutor made = new ThreadPoolExecutor(THREADS, THREADS, 5, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), EngineThreads.named("cross-process-lock-release"));
		made.allowCoreThreadTimeOut(true);
		return made;
	}

}
