package org.crossprocesslock.file;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.Deadline;
import org.crossprocesslock.engine.HeldLock;
import org.crossprocesslock.engine.LocalInspection;
import org.crossprocesslock.engine.LocalInspection.Condition;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.StackRoom;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.memory.Turn;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What both kinds of file locks share: requests wait for their turn in this process, then
 * for other processes.
 *
 * @param <T> what the guards of one key share
 */
abstract sealed class FileLockManager<T extends Tenure> extends AttemptingLockManager
		permits PidFileLockManager, PerKeyFileLockManager {

	private static final Logger logger = LoggerFactory.getLogger(FileLockManager.class);

	private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

	private static final String MAY_STAY_LOCKED = "their keys may stay locked until this process ends";

	private final SharedKeys<T> keys;

	private final Map<LockAttempt, FileRequest<T>> waiting = new ConcurrentHashMap<>();

	private final Map<FileClaim<T>, HeldLock> open = new ConcurrentHashMap<>();

	private final AtomicBoolean directoryLeft = new AtomicBoolean();

	private final Condition opened = Condition.now(Status.OPEN, null);

	private volatile @Nullable Condition ended;

	private final LockInspection inspection = new LocalInspection(this.open.values(), this.waiting.keySet(),
			this::lastSeenHolder, this::condition);

	private volatile boolean closed;

	FileLockManager(SharedKeys<T> keys, LockListener listener) {
		super(listener);
		this.keys = keys;
		keys.join(this);
	}

	/** Begins to give up what this manager has of the directory. Called once. */
	abstract CompletableFuture<?> leaveDirectory();

	/** How the directory was lost, {@code null} if it was not. */
	abstract @Nullable Condition lost();

	@Override
	public final Optional<LockInspection> inspection() {
		return Optional.of(this.inspection);
	}

	private Condition condition() {
		Condition end = this.ended;
		Condition loss = lost();
		return (end != null) ? end : (loss != null) ? loss : this.opened;
	}

	private @Nullable String lastSeenHolder(LockAttempt attempt) {
		FileRequest<T> request = this.waiting.get(attempt);
		return (request != null) ? request.lastSeenHolder() : null;
	}

	@Override
	protected final void start(LockAttempt attempt) {
		// a stack that ends in between would leave the key locked
		StackRoom.require();
		if (this.closed) {
			throw closedException();
		}
		if (!attempt.request().holdAtLeast().isZero()) {
			throw new IllegalStateException("Key '" + attempt.request().key() + "' cannot be held for "
					+ attempt.request().holdAtLeast() + " at least with a lock file, which is free when its process "
					+ "ends; use locks in a database, or do without holdAtLeast");
		}
		FileRequest<T> request = new FileRequest<>(this, attempt, listener());
		this.waiting.put(attempt, request);
		request.begin();
		// a close that came before the entry has not seen it
		if (this.closed) {
			giveUp(attempt);
		}
	}

	@Override
	protected final void lendThread(LockAttempt attempt) {
		FileRequest<T> request = this.waiting.get(attempt);
		if (request != null) {
			request.lendThread();
		}
	}

	@Override
	protected final void abandon(LockAttempt attempt) {
		FileRequest<T> request = this.waiting.get(attempt);
		if (request != null) {
			// a stack that ends in between would leave the key locked; so what is granted
			// later is given back then
			StackRoom.requireToEnd();
			this.waiting.remove(attempt);
			request.giveUp();
		}
	}

	/**
	 * {@inheritDoc} Blocks while the lock files are closed, for ten seconds at most.
	 */
	@Override
	public final void close() {
		if (!this.closed) {
			this.ended = Condition.now(Status.CLOSED, null);
		}
		this.closed = true;
		this.open.values().forEach((held) -> held.lose("its lock manager was closed"));
		this.waiting.keySet().forEach(this::giveUp);
		List<CompletableFuture<?>> released = new ArrayList<>();
		this.open.keySet().forEach((claim) -> released.add(claim.leave()));
		long until = TimeSource.SYSTEM.nanos() + CLOSE_LIMIT.toNanos();
		try {
			await(until, released.toArray(new CompletableFuture<?>[0]));
		}
		finally {
			this.keys.leave(this);
			if (this.directoryLeft.compareAndSet(false, true)) {
				await(until, leaveDirectory());
			}
			awaitListener();
		}
	}

	/**
	 * A file system that does not answer keeps the keys, but not the caller; neither does
	 * one that fails.
	 */
	static void await(long untilNanos, CompletableFuture<?>... ends) {
		// one of its own: work that is still to begin never would if its end were there
		CompletableFuture<Void> all = CompletableFuture.allOf(ends);
		if (!all.isDone()) {
			Deadline limit = Deadline.after(untilNanos - TimeSource.SYSTEM.nanos(), () -> {
				if (all.complete(null)) {
					logger.warn("Lock files could not be closed within {}; {}", CLOSE_LIMIT, MAY_STAY_LOCKED);
				}
			});
			var unused = all.whenComplete((none, failure) -> limit.cancel());
		}
		try {
			all.join();
		}
		catch (CompletionException ex) {
			logger.warn("Lock files could not be closed; {}", MAY_STAY_LOCKED, ex.getCause());
		}
	}

	SharedKeys<T> keys() {
		return this.keys;
	}

	/** The request is over and needs no more looking after. */
	void forget(LockAttempt attempt) {
		this.waiting.remove(attempt);
	}

	/** Answers whether there is a guard of the turn, which is to be left if not. */
	boolean granted(LockAttempt attempt, Turn<T> turn) {
		forget(attempt);
		return attempt.deliver(() -> hold(attempt, turn));
	}

	private HeldLock hold(LockAttempt attempt, Turn<T> turn) {
		FileClaim<T> claim = new FileClaim<>(turn, this.keys, this.open.keySet()::remove);
		HeldLock held = attempt.hold(claim);
		this.open.put(claim, held);
		// what came before the entry has not seen it
		if (this.closed) {
			attempt.failed(closedException());
			var unused = claim.release();
		}
		String lost = turn.tenure().lostReason();
		if (lost != null) {
			lose(held, claim, lost);
		}
		return held;
	}

	void tellLeaseLost(String reason) {
		listener().onLeaseLost(reason);
	}

	/** Called outside any lock. */
	void lose(Predicate<T> which, String reason) {
		this.open.forEach((claim, held) -> {
			if (which.test(claim.tenure())) {
				lose(held, claim, reason);
			}
		});
	}

	private void lose(HeldLock held, FileClaim<T> claim, String reason) {
		held.lose(reason);
		var unused = claim.release();
	}

	private void giveUp(LockAttempt attempt) {
		attempt.failed(closedException());
		abandon(attempt);
	}

}
