package org.crossprocesslock.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.crossprocesslock.engine.EngineThreads;

/**
 * The threads on which the lock files of one file system are read and written: one that
 * does not answer keeps no other waiting. Nobody outside knows them, so nobody can
 * interrupt them, which would close the channel and end the lock.
 */
final class FileThreads {

	// each works for well below a millisecond on a local disk; more than one so that one
	// slow look does not stop all others
	static final int THREADS = 8;

	/** By device. */
	private static final Map<Long, FileThreads> all = new ConcurrentHashMap<>();

	/** Of directories that are opened, whose file systems are not known before. */
	private static final FileThreads opening = new FileThreads(
			executor(0, Integer.MAX_VALUE, new SynchronousQueue<>()));

	private final Executor executor;

	FileThreads(Executor executor) {
		this.executor = executor;
	}

	/** Those of the file system of a file or directory. */
	static FileThreads of(FileIdentity file) {
		return all.computeIfAbsent(file.device(),
				(device) -> new FileThreads(executor(THREADS, THREADS, new LinkedBlockingQueue<>())));
	}

	/** Has the work done; whatever prevents that is the failure of the answer. */
	<T> CompletableFuture<T> submit(Supplier<T> work) {
		try {
			return CompletableFuture.supplyAsync(work, this.executor);
		}
		catch (Throwable ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * Has work done that nobody would do later: by another thread, or here and now where
	 * none can be made.
	 */
	<T> CompletableFuture<T> inAnyCase(Supplier<T> work) {
		try {
			return CompletableFuture.supplyAsync(work, this.executor);
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

	/** Has a directory opened and waits for that, whatever interrupts. */
	static <T> T open(IoWork<T> work) throws IOException {
		try {
			return opening.submit(() -> {
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

	private static ThreadPoolExecutor executor(int core, int most, BlockingQueue<Runnable> queue) {
		ThreadPoolExecutor made = new ThreadPoolExecutor(core, most, 5, TimeUnit.SECONDS, queue,
				EngineThreads.named("cross-process-lock-files"));
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
