package org.crossprocesslock.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.crossprocesslock.engine.EngineThreads;

/**
 * The threads on which lock files are read and written. Nobody outside knows them, so
 * nobody can interrupt them, which would close the channel and end the lock.
 */
final class FileThreads {

	// each works for well below a millisecond on a local disk; more than one so that one
	// slow directory does not stop all others
	static final int THREADS = 8;

	private static final ThreadPoolExecutor executor = executor();

	private FileThreads() {
	}

	/** Has the work done; whatever prevents that is the failure of the answer. */
	static <T> CompletableFuture<T> submit(Supplier<T> work) {
		try {
			return CompletableFuture.supplyAsync(work, executor);
		}
		catch (Throwable ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * Has work done that nobody would do later: by another thread, or here and now where
	 * none can be made.
	 */
	static <T> CompletableFuture<T> inAnyCase(Supplier<T> work) {
		return inAnyCase(work, executor);
	}

	/** The same with threads from somewhere else. */
	static <T> CompletableFuture<T> inAnyCase(Supplier<T> work, Executor threads) {
		try {
			return CompletableFuture.supplyAsync(work, threads);
		}
		catch (Throwable ex) {
			return here(work);
		}
	}

	/** Has the work done here and now; what it throws is the failure of the answer. */
	static <T> CompletableFuture<T> here(Supplier<T> work) {
		try {
			return CompletableFuture.completedFuture(work.get());
		}
		catch (Throwable ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/** Has the work done and waits for it, whatever interrupts. */
	static <T> T call(IoWork<T> work) throws IOException {
		try {
			return submit(() -> {
				try {
					return work.run();
				}
				catch (IOException ex) {
					throw new UncheckedIOException(ex);
				}
			}).join();
		}
		catch (CompletionException ex) {
			if (ex.getCause() instanceof UncheckedIOException failure) {
				throw failure.getCause();
			}
			if (ex.getCause() instanceof Error failure) {
				throw failure;
			}
			throw ex;
		}
	}

	private static ThreadPoolExecutor executor() {
		ThreadPoolExecutor made = new ThreadPoolExecutor(THREADS, THREADS, 5, TimeUnit.SECONDS,
				new LinkedBlockingQueue<>(), EngineThreads.named("cross-process-lock-files"));
		made.allowCoreThreadTimeOut(true);
		return made;
	}

	/**
	 * Work that reads or writes.
	 *
	 * @param <T> what it answers
	 */
	interface IoWork<T> {

		T run() throws IOException;

	}

}
