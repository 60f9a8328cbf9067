package org.crossprocesslock.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

import org.crossprocesslock.Internal;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.engine.RepeatedFault;
import org.crossprocesslock.engine.TimeSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Named locks inside one process: whoever enters a key gets a {@link Turn}, at once or
 * after those who came before. For those who write a backend that must settle the order
 * of its own threads before it asks anybody outside.
 * <p>
 * A key is in one <i>tenure</i> from the moment a turn begins while there was none until
 * the last one that shares it has left. What the turns of one tenure have in common (a
 * fencing token, an operating system lock) is made by the supplier given to the
 * constructor, anew for each tenure.
 * </p>
 * <p>
 * Strictly first come, first served: a shared request behind a waiting exclusive one
 * waits too. Nothing is kept of a key that nobody has or waits for. No method blocks;
 * waiters are told outside any lock. Safe from any thread.
 * </p>
 *
 * @param <T> what the turns of one tenure share
 * @since 0.1.0
 */
@Internal
public final class KeyedLock<T> {

	private static final Logger logger = LoggerFactory.getLogger(KeyedLock.class);

	private static final RepeatedFault failures = new RepeatedFault();

	private final ConcurrentMap<String, KeyTurns<T>> keys = new ConcurrentHashMap<>();

	private final Supplier<? extends T> tenures;

	private final Predicate<? super T> joinable;

	private final Predicate<? super T> continues;

	/**
	 * Creates locks that nobody holds.
	 * @param tenures makes what the turns of one tenure share. Called under an internal
	 * lock, so it must be quick, without I/O, and must not use this object
	 */
	public KeyedLock(Supplier<? extends T> tenures) {
		this(tenures, (tenure) -> true);
	}

	/**
	 * Creates locks that nobody holds.
	 * @param tenures makes what the turns of one tenure share, as above
	 * @param joinable whether further turns may share a tenure that has begun; where not,
	 * they wait until all have left it. Called under an internal lock like the first
	 */
	public KeyedLock(Supplier<? extends T> tenures, Predicate<? super T> joinable) {
		this(tenures, joinable, (tenure) -> false);
	}

	/**
	 * Creates locks that nobody holds.
	 * @param tenures makes what the turns of one tenure share, as above
	 * @param joinable whether further turns may share a tenure that has begun, as above
	 * @param continues whether a tenure that everybody has left goes on with the next in
	 * line instead of a new one; only asked while somebody waits, and then he enters
	 * whatever becomes of the one who left. Called under an internal lock like the first
	 */
	public KeyedLock(Supplier<? extends T> tenures, Predicate<? super T> joinable, Predicate<? super T> continues) {
		this.tenures = tenures;
		this.joinable = joinable;
		this.continues = continues;
	}

	/**
	 * Asks for a turn.
	 * @param key the key, not checked
	 * @param mode whom the turn excludes
	 * @param waitTime how long to wait for other turns; zero to be told at once, any
	 * length is allowed
	 * @param waiter is told once, perhaps before this method returns; not if the turn is
	 * left before
	 * @return the turn, to wait for and to leave
	 */
	public Turn<T> enter(String key, LockMode mode, Duration waitTime, Waiter<T> waiter) {
		long nanos = TimeSource.nanos(waitTime);
		Turn<T> turn = new Turn<>(this, key, mode, waiter);
		change(key, (turns, entered) -> turns.arrive(turn, nanos > 0, entered));
		turn.tellIfRefused();
		if (turn.isWaiting() && nanos < TimeSource.FOREVER_NANOS) {
			refuseAfter(turn, nanos);
		}
		return turn;
	}

	/**
	 * Whether anybody waits for a key.
	 * @param key the key
	 * @return whether there is a turn that has not begun
	 */
	public boolean isWaitedFor(String key) {
		boolean[] waits = { false };
		this.keys.computeIfPresent(key, (same, turns) -> {
			waits[0] = turns.isWaitedFor();
			return turns;
		});
		return waits[0];
	}

	/**
	 * How many keys are held or waited for.
	 * @return the number of keys that take up memory
	 */
	public int keyCount() {
		return this.keys.size();
	}

	private void refuseAfter(Turn<T> turn, long nanos) {
		boolean begun = false;
		try {
			turn.refuseAfter(nanos);
			begun = true;
		}
		finally {
			if (!begun) {
				// nobody would end the wait, so it ends before it has begun
				turn.leave();
			}
		}
	}

	void refuse(Turn<T> turn) {
		change(turn.key(), (turns, entered) -> turns.refuse(turn));
	}

	void leave(Turn<T> turn) {
		change(turn.key(), (turns, entered) -> turns.leave(turn));
	}

	CompletableFuture<Void> leave(Turn<T> turn, Function<? super T, CompletableFuture<Void>> last) {
		AtomicBoolean wasLast = new AtomicBoolean();
		change(turn.key(), (turns, entered) -> {
			if (turns.leave(turn)) {
				turns.setReserved(true);
				wasLast.set(true);
			}
		});
		if (!wasLast.get()) {
			return CompletableFuture.completedFuture(null);
		}
		return CompletableFuture.<T>completedFuture(turn.tenure())
			.thenCompose(last)
			.whenComplete((done, failure) -> change(turn.key(), (turns, entered) -> turns.setReserved(false)));
	}

	private void change(String key, BiConsumer<KeyTurns<T>, List<Turn<T>>> change) {
		List<Turn<T>> entered = new ArrayList<>(1);
		this.keys.compute(key, (same, present) -> {
			KeyTurns<T> turns = (present != null) ? present
					: new KeyTurns<>(this.tenures, this.joinable, this.continues);
			change.accept(turns, entered);
			turns.admit(entered);
			return turns.isUnused() ? null : turns;
		});
		for (Turn<T> turn : entered) {
			try {
				turn.tellEntered();
			}
			catch (Throwable ex) {
				// the others have their turn all the same
				turn.leave();
				failures.happened(logger, "A turn for key '" + key + "' could not be delivered", ex);
			}
		}
	}

	/**
	 * Hears what becomes of a request for a turn. Called outside any lock, on the thread
	 * that asks or leaves or on the library's own; must not block and must not throw.
	 *
	 * @param <T> what the turns of one tenure share
	 */
	public interface Waiter<T> {

		/**
		 * The turn has begun.
		 * @param turn the turn, to be left
		 */
		void entered(Turn<T> turn);

		/**
		 * Others had the key for the whole wait time; there is nothing to leave.
		 */
		void refused();

	}

}
