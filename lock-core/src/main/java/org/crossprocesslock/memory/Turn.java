package org.crossprocesslock.memory;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import org.crossprocesslock.Internal;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.engine.Deadline;
import org.jspecify.annotations.Nullable;

/**
 * One request for a key of a {@link KeyedLock}, from its arrival until it is left. Safe
 * from any thread; no method blocks.
 *
 * @param <T> what the turns of one tenure share
 * @since 0.1.0
 */
@Internal
public final class Turn<T> {

	private enum State {

		WAITING, INSIDE, REFUSED, LEFT

	}

	private final KeyedLock<T> lock;

	private final String key;

	private final LockMode mode;

	// dropped once told: it leads to the guard, and whoever holds the turn must not keep
	// a forgotten guard from the garbage collector
	private final AtomicReference<KeyedLock.@Nullable Waiter<T>> waiter;

	private volatile State state = State.WAITING;

	private volatile @Nullable T tenure;

	private volatile @Nullable Deadline deadline;

	Turn(KeyedLock<T> lock, String key, LockMode mode, KeyedLock.Waiter<T> waiter) {
		this.lock = lock;
		this.key = key;
		this.mode = mode;
		this.waiter = new AtomicReference<>(waiter);
	}

	/**
	 * The key.
	 * @return the key asked for
	 */
	public String key() {
		return this.key;
	}

	/**
	 * Whether the turn has not begun yet and may still begin.
	 * @return {@code true} while others come first
	 */
	public boolean isWaiting() {
		return this.state == State.WAITING;
	}

	/**
	 * Whether this turn has the key.
	 * @return {@code true} from its begin until it is left
	 */
	public boolean isInside() {
		return this.state == State.INSIDE;
	}

	/**
	 * What this turn shares with the others of its tenure.
	 * @return what the supplier of the {@link KeyedLock} has made for this tenure
	 * @throws IllegalStateException if the turn has not begun
	 */
	public T tenure() {
		T present = this.tenure;
		if (present == null) {
			throw new IllegalStateException("The turn for key '" + this.key + "' has not begun");
		}
		return present;
	}

	/**
	 * Gives up the turn, or the wait for it; the next in line enters before this method
	 * returns. Only the first call does anything.
	 */
	public void leave() {
		forgetWaiter();
		this.lock.leave(this);
	}

	/**
	 * Gives up the turn like {@link #leave()}, but if it was the last of its tenure,
	 * nobody enters until something has been done about what the tenure shared.
	 * @param last what to do, called outside any lock and not in every case; the key is
	 * passed on when its answer completes, however it does
	 * @return completes when the key was passed on, with the failure of {@code last} if
	 * it had one; at once if this turn was not the last
	 */
	public CompletableFuture<Void> leave(Function<? super T, CompletableFuture<Void>> last) {
		forgetWaiter();
		return this.lock.leave(this, last);
	}

	LockMode mode() {
		return this.mode;
	}

	void begun(T tenure) {
		this.tenure = tenure;
		this.state = State.INSIDE;
	}

	void refused() {
		this.state = State.REFUSED;
	}

	void left() {
		this.state = State.LEFT;
	}

	void refuseAfter(long nanos) {
		Deadline present = Deadline.after(nanos, () -> {
			this.lock.refuse(this);
			tellIfRefused();
		});
		this.deadline = present;
		if (!isWaiting()) {
			present.cancel();
		}
	}

	void tellEntered() {
		KeyedLock.Waiter<T> told = forgetWaiter();
		if (told != null) {
			told.entered(this);
		}
	}

	void tellIfRefused() {
		if (this.state == State.REFUSED) {
			KeyedLock.Waiter<T> told = forgetWaiter();
			if (told != null) {
				told.refused();
			}
		}
	}

	private KeyedLock.@Nullable Waiter<T> forgetWaiter() {
		Deadline present = this.deadline;
		if (present != null) {
			present.cancel();
		}
		return this.waiter.getAndSet(null);
	}

}
