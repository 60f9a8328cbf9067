package org.crossprocesslock.memory;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.crossprocesslock.LockMode;
import org.jspecify.annotations.Nullable;

/**
 * Who has one key and who waits for it. Not thread-safe: {@link KeyedLock} changes it
 * under the lock of its key.
 */
final class KeyTurns<T> {

	private final Supplier<? extends T> tenures;

	private final Predicate<? super T> joinable;

	private final Predicate<? super T> continues;

	private final Set<Turn<T>> waiting = new LinkedHashSet<>();

	private int inside;

	private LockMode mode = LockMode.EXCLUSIVE;

	private @Nullable T tenure;

	private boolean reserved;

	KeyTurns(Supplier<? extends T> tenures, Predicate<? super T> joinable, Predicate<? super T> continues) {
		this.tenures = tenures;
		this.joinable = joinable;
		this.continues = continues;
	}

	/** Lets the turn in and adds it to the list, if nobody comes before it. */
	void arrive(Turn<T> turn, boolean mayWait, List<Turn<T>> entered) {
		if (this.waiting.isEmpty() && admits(turn)) {
			enter(turn, entered);
		}
		else if (mayWait) {
			this.waiting.add(turn);
		}
		else {
			turn.refused();
		}
	}

	void refuse(Turn<T> turn) {
		if (this.waiting.remove(turn)) {
			turn.refused();
		}
	}

	/**
	 * Answers whether the turn was the last one of its tenure, which it is not if the
	 * tenure goes on with the next in line.
	 */
	boolean leave(Turn<T> turn) {
		if (this.waiting.remove(turn)) {
			turn.left();
			return false;
		}
		if (!turn.isInside()) {
			return false;
		}
		turn.left();
		this.inside--;
		if (this.inside > 0 || goesOn()) {
			return false;
		}
		this.tenure = null;
		return true;
	}

	private boolean goesOn() {
		T present = this.tenure;
		return present != null && !this.waiting.isEmpty() && this.continues.test(present);
	}

	/** Keeps everybody out although nobody is inside. */
	void setReserved(boolean reserved) {
		this.reserved = reserved;
	}

	/** Lets in whose turn it is, and adds them to the list. */
	void admit(List<Turn<T>> entered) {
		while (!this.waiting.isEmpty()) {
			Turn<T> turn = this.waiting.iterator().next();
			if (!admits(turn)) {
				return;
			}
			this.waiting.remove(turn);
			enter(turn, entered);
		}
	}

	private void enter(Turn<T> turn, List<Turn<T>> entered) {
		T shared = (this.tenure != null) ? this.tenure : this.tenures.get();
		this.tenure = shared;
		this.mode = turn.mode();
		this.inside++;
		turn.begun(shared);
		entered.add(turn);
	}

	boolean isUnused() {
		return this.inside == 0 && !this.reserved && this.waiting.isEmpty();
	}

	boolean isWaitedFor() {
		return !this.waiting.isEmpty();
	}

	private boolean admits(Turn<T> turn) {
		return !this.reserved && (this.inside == 0 || joins(turn));
	}

	private boolean joins(Turn<T> turn) {
		T present = this.tenure;
		return this.mode == LockMode.SHARED_IN_PROCESS && turn.mode() == LockMode.SHARED_IN_PROCESS && present != null
				&& this.joinable.test(present);
	}

}
