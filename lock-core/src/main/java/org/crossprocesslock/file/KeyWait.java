package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLockInterruptionException;
import java.nio.channels.OverlappingFileLockException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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
 * The wait of this process for a key that another one has, on a thread that the kernel
 * wakes: that of the caller who waits, or one that is there for this wait only.
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
final class KeyWait<F extends Waitable> {

	/** Shorter than on a database: a look at a file costs next to nothing. */
	static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

	/**
	 * Who is next in line and does not take a free key for so long is stopped, and is
	 * passed.
	 */
	static final Duration PATIENCE = Duration.ofSeconds(1);

	private static final ThreadPoolExecutor own = threads();

	private final Executor threads;

	private final Waitable.Source<F> files;

	private final String key;

	private final boolean inKernel;

	private final Receiver<F> receiver;

	private final CompletableFuture<Void> over = new CompletableFuture<>();

	private final ReentrantLock changing = new ReentrantLock();

	private final Runnable checking = this::check;

	private @Nullable F file;

	/** Who waits at the moment. */
	private @Nullable Thread thread;

	/** Whether only a thread that is there for it may wait. */
	private boolean onItsOwn;

	private boolean ended;

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
		this(files, key, inKernel, receiver, own);
	}

	/** Prepares a wait with threads of its own from somewhere else. */
	KeyWait(Waitable.Source<F> files, String key, boolean inKernel, Receiver<F> receiver, Executor threads) {
		this.threads = threads;
		this.files = files;
		this.key = key;
		this.inKernel = inKernel;
		this.receiver = receiver;
	}

	/**
	 * Has a thread wait that is there for this only, from now on if another one does so
	 * far. Nothing happens if the wait is over. Throws what the machine throws if it has
	 * no thread to give.
	 */
	void start() {
		this.changing.lock();
		try {
			if (this.ended || this.onItsOwn || this.over.isDone()) {
				return;
			}
			this.onItsOwn = true;
			if (this.thread != null) {
				// which comes back and starts the other one
				shut();
				return;
			}
		}
		finally {
			this.changing.unlock();
		}
		startThread();
	}

	/** Tells those who count on the wait that nobody goes on with it. */
	void fail(Throwable failure) {
		this.receiver.failed(failure);
	}

	private void startThread() {
		this.threads.execute(() -> run(true));
	}

	/**
	 * Waits on this thread until the wait is over, was started, or this thread is
	 * interrupted. What is not over then has to be started or ended.
	 */
	void runHere() {
		run(false);
	}

	/** Ends the wait; nobody is told of a grant that comes later. */
	void end() {
		this.changing.lock();
		try {
			this.ended = true;
			shut();
			if (this.thread == null) {
				this.over.complete(null);
			}
		}
		finally {
			this.changing.unlock();
		}
		this.over.join();
	}

	private void run(boolean onItsOwn) {
		if (!enter(onItsOwn)) {
			return;
		}
		boolean told = false;
		try {
			this.files.attend(this.checking);
			F taken = null;
			while (taken == null && stays(onItsOwn)) {
				taken = taken();
			}
			if (taken != null) {
				told = true;
				this.receiver.taken(taken);
			}
		}
		catch (Throwable ex) {
			told = true;
			this.receiver.failed(ex);
		}
		finally {
			this.files.leave(this.checking);
			leave(told);
		}
	}

	private boolean enter(boolean onItsOwn) {
		this.changing.lock();
		try {
			if (this.ended || this.thread != null || this.onItsOwn != onItsOwn) {
				return false;
			}
			this.thread = Thread.currentThread();
			return true;
		}
		finally {
			this.changing.unlock();
		}
	}

	private boolean stays(boolean onItsOwn) {
		this.changing.lock();
		try {
			return !this.ended && (onItsOwn || !(this.onItsOwn || Thread.currentThread().isInterrupted()));
		}
		finally {
			this.changing.unlock();
		}
	}

	private void leave(boolean told) {
		boolean goesOn;
		this.changing.lock();
		try {
			this.thread = null;
			goesOn = this.onItsOwn && !told && !this.ended;
			if (told || this.ended) {
				this.over.complete(null);
			}
		}
		finally {
			this.changing.unlock();
		}
		if (goesOn) {
			try {
				startThread();
			}
			catch (Throwable ex) {
				this.receiver.failed(ex);
			}
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
		catch (ClosedChannelException | FileLockInterruptionException ex) {
			// ended, to be opened anew, or for another thread to go on with
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
		catch (ClosedChannelException | FileLockInterruptionException ex) {
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
