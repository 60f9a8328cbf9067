package org.crossprocesslock.file;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.RepeatedFault;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after all locked files of one file system, on one thread: one that does not
 * answer keeps no loss on another from being told.
 */
final class LockFileWatch {

	/** Twice a second, so that a loss is known within a second. */
	static final Duration PERIOD = Duration.ofMillis(500);

	private static final Logger logger = LoggerFactory.getLogger(LockFileWatch.class);

	/** By device. */
	private static final Map<Long, LockFileWatch> all = new ConcurrentHashMap<>();

	private final Map<LockFile, Watched> watched = new ConcurrentHashMap<>();

	private final Set<Runnable> attended = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean running = new AtomicBoolean();

	private final RepeatedFault failures = new RepeatedFault();

	private final ScheduledThreadPoolExecutor executor = executor();

	/** Who is concerned with a locked file. */
	interface Watched {

		/**
		 * The lock is gone. Called at most once, on the thread of the watch.
		 * @param reason how it was lost, to follow a colon
		 */
		void lost(String reason);

		/** The lock was checked and is there. */
		default void checked() {
		}

	}

	private LockFileWatch() {
	}

	/** That of the file system of a file or directory. */
	static LockFileWatch of(FileIdentity file) {
		return all.computeIfAbsent(file.device(), (device) -> new LockFileWatch());
	}

	/**
	 * Looks after a file from now on. Throws what the machine throws if it has no thread
	 * to give; nobody looks after the file then.
	 */
	static void add(LockFile file, Watched whose) {
		of(file.identity()).begin(file, whose);
	}

	private void begin(LockFile file, Watched whose) {
		this.watched.put(file, whose);
		boolean begun = false;
		try {
			begin();
			begun = true;
		}
		finally {
			if (!begun) {
				this.watched.remove(file);
			}
		}
	}

	/** Has something done at each look from now on. It must not block. */
	void attend(Runnable work) {
		this.attended.add(work);
		begin();
	}

	void leave(Runnable work) {
		this.attended.remove(work);
	}

	private void begin() {
		if (!this.running.get() && this.running.compareAndSet(false, true)) {
			next();
		}
	}

	/** Whether it was watched; if not, its loss has been told or is being told. */
	static boolean remove(LockFile file) {
		return of(file.identity()).watched.remove(file) != null;
	}

	private void next() {
		boolean begun = false;
		try {
			var unused = this.executor.schedule(this::checkAll, PERIOD.toNanos(), TimeUnit.NANOSECONDS);
			begun = true;
		}
		finally {
			if (!begun) {
				this.running.set(false);
			}
		}
	}

	private void checkAll() {
		try {
			this.attended.forEach(this::guarded);
			Optional<ProcLocks.Listing> locks = this.watched.isEmpty() ? Optional.empty() : ProcLocks.read();
			this.watched.forEach((file, whose) -> guarded(() -> check(file, whose, locks)));
			AttemptingLockManager.catchUpWithCallbacks();
		}
		catch (Throwable ex) {
			this.failures.happened((more) -> logger
				.error("The lock files could not be checked; they are checked again soon{}", more, ex));
		}
		finally {
			// whatever happened: without the next check no loss would ever be noticed
			this.running.set(false);
			if (!this.watched.isEmpty() || !this.attended.isEmpty()) {
				begin();
			}
		}
	}

	private static void check(LockFile file, Watched whose, Optional<ProcLocks.Listing> locks) {
		Optional<String> loss = file.loss(locks);
		if (loss.isEmpty()) {
			whose.checked();
		}
		else if (remove(file)) {
			whose.lost(loss.get());
			logger.error("A lock was lost: {}", loss.get());
		}
	}

	private void guarded(Runnable check) {
		try {
			check.run();
		}
		catch (Throwable ex) {
			this.failures.happened((more) -> logger.error("A lock file could not be checked{}", more, ex));
		}
	}

	private static ScheduledThreadPoolExecutor executor() {
		ScheduledThreadPoolExecutor made = new ScheduledThreadPoolExecutor(1,
				EngineThreads.named("cross-process-lock-file-watch"));
		made.setKeepAliveTime(5, TimeUnit.SECONDS);
		made.allowCoreThreadTimeOut(true);
		return made;
	}

}
