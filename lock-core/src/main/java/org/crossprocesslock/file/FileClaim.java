package org.crossprocesslock.file;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.crossprocesslock.engine.Claim;
import org.crossprocesslock.engine.Deadline;
import org.crossprocesslock.engine.RepeatedFault;
import org.crossprocesslock.engine.StackRoom;
import org.crossprocesslock.memory.Turn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one guard has.
 *
 * @param <T> what the guards of one key share
 */
final class FileClaim<T extends Tenure> implements Claim {

	private static final Logger logger = LoggerFactory.getLogger(FileClaim.class);

	private static final RepeatedFault failures = new RepeatedFault();

	private final Turn<T> turn;

	// of this guard: the tenure may go on with another one
	private final long token;

	private final SharedKeys<T> keys;

	private final Consumer<FileClaim<T>> whenReleased;

	FileClaim(Turn<T> turn, SharedKeys<T> keys, Consumer<FileClaim<T>> whenReleased) {
		this.turn = turn;
		this.token = turn.tenure().token();
		this.keys = keys;
		this.whenReleased = whenReleased;
	}

	T tenure() {
		return this.turn.tenure();
	}

	@Override
	public long fencingToken() {
		return this.token;
	}

	@Override
	public boolean isHeld() {
		return this.turn.isInside() && tenure().isHeld();
	}

	@Override
	public String whyLost() {
		String reason = tenure().lostReason();
		return (reason != null) ? reason : "its lock file is not held any more";
	}

	@Override
	public boolean isDirty() {
		requireRoom();
		return this.keys.dirty().isDirty(this.turn.key());
	}

	@Override
	public void clearDirty() {
		requireRoom();
		this.keys.dirty().clear(this.turn.key());
	}

	@Override
	public void requireRoom() {
		StackRoom.requireToEnd();
	}

	/**
	 * A file system that does not answer keeps the key, but nobody who closes a guard.
	 */
	@Override
	public CompletableFuture<?> release() {
		CompletableFuture<Void> released = leave();
		if (!released.isDone()) {
			try {
				Deadline limit = Deadline.after(SharedKeys.ANSWER_LIMIT.toNanos(), () -> giveUp(released));
				var unused = released.whenComplete((none, failure) -> limit.cancel());
			}
			catch (Throwable ex) {
				// it is on its way all the same, and whoever closes waits for its end
				failures.happened((more) -> logger.debug("A wait for a lock file has no limit{}", more, ex));
			}
		}
		return released;
	}

	private void giveUp(CompletableFuture<Void> released) {
		if (released.complete(null)) {
			failures.happened((more) -> logger.warn(
					"Key '{}' could not be released within {}; it may stay locked until this process ends{}",
					this.turn.key(), SharedKeys.ANSWER_LIMIT, more));
		}
	}

	/** The same for who limits the wait himself. */
	CompletableFuture<Void> leave() {
		this.whenReleased.accept(this);
		CompletableFuture<Void> released = new CompletableFuture<>();
		var unused = this.turn.leave((tenure) -> end(tenure, released))
			.whenComplete((passedOn, failure) -> released.complete(null));
		return released;
	}

	/** Whoever closes need not wait for the gap that others get after it. */
	private CompletableFuture<Void> end(T tenure, CompletableFuture<Void> released) {
		return tenure.end().thenCompose((wanted) -> {
			CompletableFuture<Void> over = new CompletableFuture<>();
			if (wanted && this.keys.turns().isWaitedFor(this.turn.key())) {
				released.complete(null);
				// who comes next locks a file, which the thread of the deadlines must not
				// do
				Deadline.after(KeyWait.LONGEST_PAUSE.toNanos(), () -> {
					var unused = this.keys.threads().inAnyCase(() -> over.complete(null));
				});
			}
			else {
				over.complete(null);
			}
			return over;
		});
	}

}
