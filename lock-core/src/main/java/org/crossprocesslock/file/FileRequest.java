package org.crossprocesslock.file;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.engine.Deadline;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.memory.KeyedLock;
import org.crossprocesslock.memory.Turn;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on its way: first it waits for its turn in this process, then it looks
 * whether another process has the key, with a pause after each look. Safe from any
 * thread.
 *
 * @param <T> what the guards of one key share
 */
final class FileRequest<T extends Tenure> implements KeyedLock.Waiter<T> {

	/**
	 * Shorter than on a database: a look at a file costs next to nothing, and nobody else
	 * waits for it.
	 */
	static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

	private enum State {

		RUNNING, GRANTED, GIVEN_UP

	}

	private final FileLockManager<T> manager;

	private final LockAttempt attempt;

	private final LockListener listener;

	private final long startedNanos = TimeSource.SYSTEM.nanos();

	private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);

	private final AtomicInteger step = new AtomicInteger();

	private volatile @Nullable Turn<T> turn;

	private volatile @Nullable Deadline nextLook;

	FileRequest(FileLockManager<T> manager, LockAttempt attempt, LockListener listener) {
		this.manager = manager;
		this.attempt = attempt;
		this.listener = listener;
	}

	void begin() {
		begin(this.attempt.request().waitTime());
	}

	private void begin(Duration wait) {
		LockRequest request = this.attempt.request();
		this.turn = this.manager.turns().enter(request.key(), request.mode(), wait, this);
		if (this.state.get() == State.GIVEN_UP) {
			var unused = leave();
		}
	}

	private long remainingNanos() {
		long waitNanos = TimeSource.nanos(this.attempt.request().waitTime());
		return waitNanos - (TimeSource.SYSTEM.nanos() - this.startedNanos);
	}

	/** Who had the key when it was last looked at, {@code null} if not known. */
	@Nullable String lastSeenHolder() {
		Turn<T> present = this.turn;
		return (present != null && present.isInside()) ? present.tenure().lastSeenHolder() : null;
	}

	/** The caller wants nothing any more. */
	void giveUp() {
		if (this.state.compareAndSet(State.RUNNING, State.GIVEN_UP)) {
			var unused = leave();
		}
	}

	@Override
	public void entered(Turn<T> turn) {
		this.turn = turn;
		look(turn);
	}

	@Override
	public void refused() {
		end(() -> this.attempt.busy(null));
	}

	private void look(Turn<T> entered) {
		if (this.state.get() == State.RUNNING) {
			var unused = entered.tenure()
				.take(entered.key())
				.whenComplete((taken, failure) -> looked(entered, Boolean.TRUE.equals(taken), failure));
		}
	}

	private void looked(Turn<T> entered, boolean taken, @Nullable Throwable failure) {
		try {
			conclude(entered, taken, failure);
		}
		catch (Throwable ex) {
			// nobody else ends this request
			end(() -> this.attempt.failed(storeException(ex)));
		}
	}

	private void conclude(Turn<T> entered, boolean taken, @Nullable Throwable failure) {
		if (taken) {
			if (this.state.compareAndSet(State.RUNNING, State.GRANTED)) {
				this.manager.granted(this.attempt, entered);
			}
			return;
		}
		LockStoreException ex = (failure != null) ? storeException(failure) : null;
		long remaining = remainingNanos();
		if (remaining > 0 && (ex == null || !ex.isPermanent())) {
			if (ex == null && entered.tenure().lostReason() != null) {
				enterAnew(entered);
			}
			else {
				lookAfterPause(entered, remaining);
			}
		}
		else if (ex != null) {
			end(() -> this.attempt.failed(ex));
		}
		else {
			end(() -> this.attempt.busy(entered.tenure().lastSeenHolder()));
		}
	}

	/** What it has joined is lost and never taken again. */
	private void enterAnew(Turn<T> lost) {
		var unused = lost.leave(Tenure::end).whenComplete((left, failure) -> {
			if (this.state.get() == State.RUNNING) {
				begin(Duration.ofNanos(remainingNanos()));
			}
		});
	}

	private void lookAfterPause(Turn<T> entered, long remaining) {
		long pause = Math.min(remaining, Backoff.jittered(Backoff.DEFAULT_INITIAL, LONGEST_PAUSE,
				this.step.getAndIncrement(), ThreadLocalRandom.current()));
		this.listener.onBackoff(Duration.ofNanos(pause));
		Deadline next = Deadline.after(pause, () -> look(entered));
		this.nextLook = next;
		if (this.state.get() != State.RUNNING) {
			next.cancel();
		}
	}

	/** The caller is told after the turn was left: it may ask again at once. */
	private void end(Runnable tell) {
		if (this.state.compareAndSet(State.RUNNING, State.GIVEN_UP)) {
			this.manager.forget(this.attempt);
			var unused = leave().whenComplete((left, failure) -> tell.run());
		}
	}

	private CompletableFuture<Void> leave() {
		Deadline next = this.nextLook;
		if (next != null) {
			next.cancel();
		}
		Turn<T> present = this.turn;
		return (present != null) ? present.leave(Tenure::end) : CompletableFuture.completedFuture(null);
	}

	private static LockStoreException storeException(Throwable failure) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		return (cause instanceof LockStoreException store) ? store
				: new LockStoreException("The lock file could not be used: " + cause, cause, true);
	}

}
