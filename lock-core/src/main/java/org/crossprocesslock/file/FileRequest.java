package org.crossprocesslock.file;

import java.io.IOException;
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
import org.crossprocesslock.engine.StoreFault;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.memory.KeyedLock;
import org.crossprocesslock.memory.Turn;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on its way: first it waits for its turn in this process, then until no
 * other process has the key. Safe from any thread.
 *
 * @param <T> what the guards of one key share
 */
final class FileRequest<T extends Tenure> implements KeyedLock.Waiter<T> {

	private enum State {

		RUNNING, GRANTED, GIVEN_UP

	}

	/** So long a caller may wait until what he has left is closed. */
	private static final Duration LEAVING_LIMIT = Duration.ofSeconds(1);

	private final FileLockManager<T> manager;

	private final LockAttempt attempt;

	private final LockListener listener;

	private final long startedNanos = TimeSource.SYSTEM.nanos();

	private final AtomicReference<State> state = new AtomicReference<>(State.RUNNING);

	private final AtomicInteger step = new AtomicInteger();

	private final CallerThread caller;

	private volatile @Nullable Turn<T> turn;

	private volatile @Nullable Deadline deadline;

	private volatile @Nullable CompletableFuture<Void> wait;

	FileRequest(FileLockManager<T> manager, LockAttempt attempt, LockListener listener) {
		this.manager = manager;
		this.attempt = attempt;
		this.listener = listener;
		this.caller = attempt.isAsync() ? CallerThread.none() : CallerThread.current();
	}

	void begin() {
		begin(this.attempt.request().waitTime());
	}

	private void begin(Duration wait) {
		LockRequest request = this.attempt.request();
		this.turn = this.manager.keys().turns().enter(request.key(), request.mode(), wait, this);
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

	/** Has the calling thread wait, if it is the one that began this. */
	void lendThread() {
		this.caller.work();
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
		look(turn, !this.attempt.isAsync());
	}

	@Override
	public void refused() {
		if (this.manager.keys().isUnanswered(this.attempt.request().key())) {
			end(() -> this.attempt.failed(unanswered()));
		}
		else {
			end(() -> this.attempt.busy(null));
		}
	}

	/** Takes the key, on this thread if it may be used for that. */
	private void look(Turn<T> entered, boolean mayStay) {
		if (this.state.get() != State.RUNNING) {
			return;
		}
		try {
			CompletableFuture<Boolean> answer = entered.tenure().take(entered.key(), mayStay);
			if (!answer.isDone()) {
				long limit = Math.max(remainingNanos(), SharedKeys.ANSWER_LIMIT.toNanos());
				have(Deadline.after(limit, this::endUnanswered));
			}
			var unused = answer.whenComplete((taken, failure) -> looked(entered, Boolean.TRUE.equals(taken), failure));
		}
		catch (Throwable ex) {
			// nobody else ends this request
			end(() -> this.attempt.failed(storeException(ex)));
		}
	}

	/** To leave takes an answer of the same file system: told before, and done aside. */
	private void endUnanswered() {
		if (this.state.compareAndSet(State.RUNNING, State.GIVEN_UP)) {
			this.manager.forget(this.attempt);
			this.attempt.failed(unanswered());
			var unused = this.manager.keys().threads().inAnyCase(() -> leave().isDone());
		}
	}

	private static LockStoreException unanswered() {
		IOException cause = new IOException("the file system has not answered in time");
		return new LockStoreException("the lock file could not be used: " + cause.getMessage(), cause, false);
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
				cancel(this.deadline);
				if (!this.manager.granted(this.attempt, entered)) {
					var unused = leave();
				}
			}
			return;
		}
		LockStoreException ex = (failure != null) ? storeException(failure) : null;
		long remaining = remainingNanos();
		if (remaining > 0 && (ex == null || !ex.isPermanent())) {
			if (ex != null) {
				lookAfterPause(entered, remaining);
			}
			else if (entered.tenure().lostReason() != null) {
				enterAnew(entered);
			}
			else {
				await(entered, remaining);
			}
		}
		else if (ex != null) {
			end(() -> this.attempt.failed(ex));
		}
		else {
			endBusy(entered);
		}
	}

	private void endBusy(Turn<T> entered) {
		end(() -> this.attempt.busy(entered.tenure().lastSeenHolder()));
	}

	private void await(Turn<T> entered, long remaining) {
		if (remaining < TimeSource.FOREVER_NANOS) {
			have(Deadline.after(remaining, () -> endBusy(entered)));
		}
		CompletableFuture<Void> time = entered.tenure().await(entered.key(), this.caller);
		this.wait = time;
		var unused = time.whenComplete((none, failure) -> {
			if (failure == null) {
				look(entered, true);
			}
			else if (this.state.get() == State.RUNNING) {
				looked(entered, false, failure);
			}
		});
		if (this.state.get() != State.RUNNING) {
			// who ended this before the entry above has not seen the wait
			cancel(time);
		}
	}

	/** What it has joined is lost and never taken again. */
	private void enterAnew(Turn<T> lost) {
		var unused = lost.leave(FileRequest::end).whenComplete((left, failure) -> {
			if (this.state.get() == State.RUNNING) {
				beginAgain();
			}
		});
	}

	private void beginAgain() {
		try {
			cancel(this.deadline);
			begin(Duration.ofNanos(remainingNanos()));
		}
		catch (Throwable ex) {
			// nobody else ends this request
			end(() -> this.attempt.failed(storeException(ex)));
		}
	}

	private void lookAfterPause(Turn<T> entered, long remaining) {
		long pause = Math.min(remaining, Backoff.jittered(Backoff.DEFAULT_INITIAL, KeyWait.LONGEST_PAUSE,
				this.step.getAndIncrement(), ThreadLocalRandom.current()));
		this.listener.onBackoff(Duration.ofNanos(pause));
		have(Deadline.after(pause, () -> look(entered, false)));
	}

	private void have(Deadline next) {
		cancel(this.deadline);
		this.deadline = next;
		if (this.state.get() != State.RUNNING) {
			next.cancel();
		}
	}

	private static void cancel(@Nullable Deadline present) {
		if (present != null) {
			present.cancel();
		}
	}

	private static void cancel(@Nullable CompletableFuture<Void> present) {
		if (present != null) {
			present.cancel(false);
		}
	}

	/** The caller is told after the turn was left: it may ask again at once. */
	private void end(Runnable tell) {
		if (this.state.compareAndSet(State.RUNNING, State.GIVEN_UP)) {
			this.manager.forget(this.attempt);
			CompletableFuture<Void> told = leave().whenComplete((left, failure) -> tell.run());
			if (!told.isDone()) {
				Deadline late = Deadline.after(LEAVING_LIMIT.toNanos(), tell);
				var unused = told.whenComplete((left, failure) -> late.cancel());
			}
		}
	}

	private CompletableFuture<Void> leave() {
		cancel(this.deadline);
		cancel(this.wait);
		Turn<T> present = this.turn;
		CompletableFuture<Void> left = (present != null) ? present.leave(FileRequest::end)
				: CompletableFuture.completedFuture(null);
		// others may go on with the wait
		return left.whenComplete((done, failure) -> this.caller.giveBack());
	}

	private static CompletableFuture<Void> end(Tenure tenure) {
		return tenure.end().thenApply((wanted) -> null);
	}

	private static LockStoreException storeException(Throwable failure) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		return (cause instanceof LockStoreException store) ? store
				: StoreFault.of("The lock file could not be used: " + cause, cause);
	}

}
