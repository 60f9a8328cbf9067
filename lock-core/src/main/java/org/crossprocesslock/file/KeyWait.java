package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.OverlappingFileLockException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * The wait of this process for a key that another one has, on a thread that is there for
 * this wait only and that the kernel wakes.
 * <p>
 * The wait is ended by closing the file, from any thread. That ends nothing else: the
 * file is claimed, so this channel is the only one of the process on it, and all that can
 * be locked through it is what the wait has got and nobody was told of. A grant that
 * comes at that moment either counts, because {@link #conclude} was first, or is closed
 * with the file; both happen under one lock.
 * </p>
 * <p>
 * Where the kernel refuses to wait, it is asked again after a pause. It does so where it
 * sees a deadlock: a process that waits for one key while it holds another is the same to
 * it as a thread that does, so two processes that use the same two keys in different
 * threads look like one.
 * </p>
 *
 * @param <F> the file of the key
 */
final class KeyWait<F extends Waitable> implements Runnable {

	/** Shorter than on a database: a look at a file costs next to nothing. */
	static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

	/**
	 * Who is next in line and does not take a free key for so long is stopped, and is
	 * passed.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(1);

	private static final ThreadPoolExecutor threads = threads();

	private final Waitable.Source<F> files;

	private final String key;

	private final boolean inKernel;

	private final Receiver<F> receiver;

	private final CompletableFuture<Void> over = new CompletableFuture<>();

	private final ReentrantLock changing = new ReentrantLock();

	private final Runnable checking = this::check;

	private @Nullable F file;

	private boolean ended;

	private volatile @Nullable Thread thread;

	private volatile long inLineNanos;

	private volatile boolean isNext;

	private volatile boolean passing;

	/**
	 * Prepares a wait.
	 * @param files where the file of the key is
	 * @param key the key
	 * @param inKernel whether the kernel can wait for locks of these files, and the wait
	 * be ended
	 * @param receiver is told how it ends, unless it is ended before
	 */
	KeyWait(Waitable.Source<F> files, String key, boolean inKernel, Receiver<F> receiver) {
		this.files = files;
		this.key = key;
		this.inKernel = inKernel;
		this.receiver = receiver;
	}

	/** Begins to wait. Throws what the machine throws if it has no thread to give. */
	void start() {
		threads.execute(() -> {
			LockFileWatch.attend(this.checking);
			try {
				run();
			}
			finally {
				LockFileWatch.leave(this.checking);
			}
		});
	}

	/** Ends the wait; nobody is told of a grant that comes later. */
	void end() {
		this.changing.lock();
		try {
			this.ended = true;
			shut();
		}
		finally {
			this.changing.unlock();
		}
		this.over.join();
	}

	/** Waits on this thread. */
	@Override
	public void run() {
		this.thread = Thread.currentThread();
		try {
			F taken = null;
			while (taken == null && !hasEnded()) {
				taken = taken();
			}
			if (taken != null) {
				this.receiver.taken(taken);
			}
		}
		catch (Throwable ex) {
			this.receiver.failed(ex);
		}
		finally {
			this.over.complete(null);
		}
	}

	/** Answers {@code null} if the file has to be opened anew, or not at all. */
	private @Nullable F taken() throws IOException {
		F opened = this.files.open(this.key).orElse(null);
		if (opened == null) {
			pause(Integer.MAX_VALUE);
			return null;
		}
		boolean taken = false;
		try {
			if (begin(opened)) {
				await(opened);
				taken = opened.isAtItsPath();
			}
		}
		catch (ClosedChannelException ex) {
			// ended, or to be opened anew
			taken = false;
		}
		finally {
			taken = conclude(opened, taken);
		}
		return taken ? opened : null;
	}

	private void await(F opened) throws IOException {
		this.isNext = false;
		this.inLineNanos = TimeSource.SYSTEM.nanos();
		for (int step = 0; this.passing || !awaitInKernel(opened); step++) {
			boolean past = this.passing || isPatienceOver();
			this.passing = false;
			if (opened.tryTakeInLine(past)) {
				return;
			}
			pause(step);
		}
	}

	private boolean awaitInKernel(F opened) throws IOException {
		if (!this.inKernel) {
			return false;
		}
		try {
			opened.await(() -> this.isNext = true);
			return true;
		}
		catch (ClosedChannelException ex) {
			throw ex;
		}
		catch (IOException | OverlappingFileLockException ex) {
			// a failure that is not about waiting comes again without it
			return false;
		}
	}

	private boolean begin(F opened) {
		this.changing.lock();
		try {
			this.file = opened;
			return !this.ended;
		}
		finally {
			this.changing.unlock();
		}
	}

	private boolean conclude(F opened, boolean taken) {
		this.changing.lock();
		try {
			this.file = null;
			boolean counts = taken && !this.ended && opened.isOpen();
			if (!counts) {
				this.files.discard(opened);
			}
			return counts;
		}
		finally {
			this.changing.unlock();
		}
	}

	private boolean hasEnded() {
		this.changing.lock();
		try {
			return this.ended;
		}
		finally {
			this.changing.unlock();
		}
	}

	/**
	 * Has the file opened anew if another one is in its place, and the line passed if who
	 * is next in it does not take the key.
	 */
	void check() {
		this.changing.lock();
		try {
			F present = this.file;
			if (present == null || !present.isOpen()) {
				return;
			}
			if (!this.isNext && isPatienceOver() && present.isPassedBy()) {
				this.passing = true;
			}
			if (this.passing || !present.isAtItsPath()) {
				shut();
			}
		}
		catch (IOException ex) {
			// what is wrong with the file shows when it is opened anew
			shut();
		}
		finally {
			this.changing.unlock();
		}
	}

	private boolean isPatienceOver() {
		return TimeSource.SYSTEM.nanos() - this.inLineNanos > PATIENCE.toNanos();
	}

	/** To be called under the lock. */
	private void shut() {
		F present = this.file;
		if (present != null) {
			this.files.shut(present);
		}
		LockSupport.unpark(this.thread);
	}

	private void pause(int step) {
		long nanos = Backoff.jittered(Backoff.DEFAULT_INITIAL, LONGEST_PAUSE, step, ThreadLocalRandom.current());
		if (!hasEnded()) {
			LockSupport.parkNanos(this, nanos);
		}
	}

	private static ThreadPoolExecutor threads() {
		return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(),
				EngineThreads.named("cross-process-lock-file-wait"));
	}

	/**
	 * Hears how a wait has ended, on the thread of the wait.
	 *
	 * @param <F> the file of the key
	 */
	interface Receiver<F> {

		/**
		 * The key was taken.
		 * @param file the file that is locked
		 */
		void taken(F file);

		/** The key cannot be waited for. */
		void failed(Throwable failure);

	}

}
