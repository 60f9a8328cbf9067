package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what users want to be called back with. Such code may block, so it never runs on a
 * thread that renews a lease. However many callbacks there are at once, they have a
 * bounded number of threads; those for which there is none wait, in order. Nothing is
 * refused or forgotten, also while no thread can be made, or all wait for what one of the
 * others is to do. Safe from any thread; nothing blocks.
 *
 * @since 0.1.0
 */
public final class Callbacks {

	/** As many may block before the next has to wait. */
	static final int MOST_THREADS = 64;

	/** As many more, one after the other, while all others stand still. */
	static final int MOST_FURTHER_THREADS = 1000;

	private static final Duration STANDSTILL = Duration.ofSeconds(1);

	/** Tells that guards are lost. */
	public static final Callbacks LOSSES = new Callbacks(threads("cross-process-lock-lost"), MOST_THREADS,
			Callbacks::afterStandstill);

	/** Completes futures: apart, so that neither kind waits for the other. */
	public static final Callbacks FUTURES = new Callbacks(threads("cross-process-lock-future"), MOST_THREADS,
			Callbacks::afterStandstill);

	private static final Logger logger = LoggerFactory.getLogger(Callbacks.class);

	private final RepeatedFault failures = new RepeatedFault();

	private final RepeatedFault noThread = new RepeatedFault();

	private final Executor threads;

	private final int most;

	/** Has something done after a while. */
	private final Executor later;

	private final Queue<Runnable> waiting;

	/** Threads that see to what waits, or are about to. */
	private final AtomicInteger atWork = new AtomicInteger();

	/** How many were taken up. */
	private final AtomicLong taken = new AtomicLong();

	private final AtomicBoolean looksLater = new AtomicBoolean();

	/**
	 * Creates callbacks for which no thread is made yet.
	 * @param threads gives a task a thread, or throws what the machine throws
	 * @param most how many tasks there are at a time at most, while any goes on
	 * @param later has something done after a while, without blocking
	 */
	Callbacks(Executor threads, int most, Executor later) {
		this(threads, most, later, new ConcurrentLinkedQueue<>());
	}

	/** The same with what keeps those that wait, safe from any thread. */
	Callbacks(Executor threads, int most, Executor later, Queue<Runnable> waiting) {
		this.threads = threads;
		this.most = most;
		this.later = later;
		this.waiting = waiting;
	}

	private static Executor threads(String name) {
		return new ThreadPoolExecutor(0, Integer.MAX_VALUE, 5, TimeUnit.SECONDS, new SynchronousQueue<>(),
				EngineThreads.named(name));
	}

	private static void afterStandstill(Runnable look) {
		Deadline.after(STANDSTILL.toNanos(), look);
	}

	/**
	 * Runs it as soon as there is a thread for it. Where there is not even the memory to
	 * note it, this throws, and it will not be run.
	 * @param callback what to run
	 */
	public void run(Runnable callback) {
		this.waiting.add(callback);
		isSeenTo();
	}

	/**
	 * For what nobody else would do: here, where it cannot be noted, or nobody will look
	 * after it. But not on a thread of this library, which others wait for: those look
	 * themselves now and then.
	 */
	void runOrHere(Runnable callback) {
		try {
			this.waiting.add(callback);
		}
		catch (Throwable ex) {
			callback.run();
			return;
		}
		if (!isSeenTo() && !EngineThreads.isCurrent() && this.waiting.remove(callback)) {
			callback.run();
		}
	}

	private boolean isSeenTo() {
		try {
			return takeUp();
		}
		catch (Throwable ex) {
			// it is noted: the next one takes it up, or who looks now and then
			return false;
		}
	}

	/** Takes up what waits for a thread. To be called now and then. */
	static void catchUp() {
		LOSSES.takeUp();
		FUTURES.takeUp();
	}

	/** Answers whether a thread takes up what waits, or somebody will look. */
	boolean takeUp() {
		if (this.waiting.isEmpty() || !mayWork()) {
			return true;
		}
		return begin();
	}

	private boolean begin() {
		try {
			this.threads.execute(this::work);
			return true;
		}
		catch (Throwable ex) {
			// no thread can be made: one that is there takes it, or the first that can be
			this.atWork.decrementAndGet();
			this.noThread.happened((more) -> logger.debug("A callback has to wait for a thread{}", more, ex));
			return lookLater() || this.atWork.get() > 0;
		}
	}

	private boolean mayWork() {
		boolean may = mayWork(this.most);
		if (!may) {
			lookLater();
		}
		return may;
	}

	private boolean mayWork(int among) {
		return this.atWork.getAndUpdate((count) -> (count < among) ? count + 1 : count) < among;
	}

	/** Answers whether somebody will. */
	private boolean lookLater() {
		if (!this.looksLater.compareAndSet(false, true)) {
			return true;
		}
		long before = this.taken.get();
		try {
			this.later.execute(() -> look(before));
			return true;
		}
		catch (Throwable ex) {
			// whoever comes next asks for it again
			this.looksLater.set(false);
			this.noThread
				.happened((more) -> logger.debug("Nobody will look after the callbacks that wait{}", more, ex));
			return false;
		}
	}

	private void look(long takenBefore) {
		this.looksLater.set(false);
		if (this.waiting.isEmpty()) {
			return;
		}
		// those at work may all wait for one that has not begun
		boolean still = this.taken.get() == takenBefore;
		if (mayWork(still ? this.most + MOST_FURTHER_THREADS : this.most)) {
			begin();
		}
		lookLater();
	}

	private void work() {
		do {
			try {
				for (Runnable next = this.waiting.poll(); next != null; next = this.waiting.poll()) {
					this.taken.incrementAndGet();
					guarded(next);
				}
			}
			finally {
				this.atWork.decrementAndGet();
			}
		}
		// for what came after the last look, when this thread still counted
		while (!takeUp() && mayWork(this.most));
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
