package org.crossprocesslock.file;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.crossprocesslock.engine.Claim;
import org.crossprocesslock.memory.Turn;

/**
 * What one guard has.
 *
 * @param <T> what the guards of one key share
 */
final class FileClaim<T extends Tenure> implements Claim {

	private final Turn<T> turn;

	private final DirtyKeys dirty;

	private final Consumer<FileClaim<T>> whenReleased;

	FileClaim(Turn<T> turn, DirtyKeys dirty, Consumer<FileClaim<T>> whenReleased) {
		this.turn = turn;
		this.dirty = dirty;
		this.whenReleased = whenReleased;
	}

	T tenure() {
		return this.turn.tenure();
	}

	@Override
	public long fencingToken() {
		return tenure().token();
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
		return this.dirty.isDirty(this.turn.key());
	}

	@Override
	public void clearDirty() {
		this.dirty.clear(this.turn.key());
	}

	@Override
	public CompletableFuture<?> release() {
		this.whenReleased.accept(this);
		return this.turn.leave(Tenure::end);
	}

}
