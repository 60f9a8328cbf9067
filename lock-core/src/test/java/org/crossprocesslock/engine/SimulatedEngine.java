package org.crossprocesslock.engine;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * The engine for a simulation, which has one thread: what blocks its callers elsewhere is
 * begun here, and its end is heard of.
 */
public final class SimulatedEngine {

	private SimulatedEngine() {
	}

	/**
	 * A request of a caller that waits.
	 * @param manager who is asked
	 * @param request what for
	 * @param scoped whether the caller cannot forget to close the guard
	 * @return the attempt, not begun
	 */
	public static LockAttempt blocking(AttemptingLockManager manager, LockRequest request, boolean scoped) {
		return scoped ? LockAttempt.scoped(manager, request) : LockAttempt.blocking(manager, request);
	}

	/**
	 * A request of a caller that does not wait.
	 * @param manager who is asked
	 * @param request what for
	 * @return the attempt, not begun
	 */
	public static LockAttempt async(AttemptingLockManager manager, LockRequest request) {
		return LockAttempt.async(manager, request);
	}

	/**
	 * The end of an attempt.
	 * @param attempt an attempt
	 * @return its guard, or {@code null} if a caller that waits was told that the key is
	 * busy
	 */
	public static CompletableFuture<@Nullable LockGuard> end(LockAttempt attempt) {
		@SuppressWarnings("NullAway") // what is said there is about asynchronous ones
		CompletableFuture<@Nullable LockGuard> end = attempt.future();
		return end;
	}

	/**
	 * Begins an attempt.
	 * @param manager who is asked
	 * @param attempt the attempt
	 */
	public static void begin(AttemptingLockManager manager, LockAttempt attempt) {
		LockAttempt unused = manager.begin(attempt);
	}

	/**
	 * The caller waits no more: as if it was interrupted, or has cancelled the future.
	 * @param attempt the attempt
	 */
	public static void giveUp(LockAttempt attempt) {
		if (attempt.isAsync()) {
			attempt.future().cancel(false);
		}
		else {
			attempt.giveUp();
		}
	}

	/**
	 * Closes a guard and does not wait.
	 * @param guard the guard
	 * @return what its caller would wait for
	 */
	public static CompletableFuture<?> close(LockGuard guard) {
		CompletableFuture<?> released = ((OpenGuard) guard).lock().beginClose();
		// or the garbage collector would keep it, and all it was simulated with
		guard.close();
		return (released != null) ? released : CompletableFuture.completedFuture(null);
	}

	/**
	 * Why a guard was declared lost, which is asked without a trace.
	 * @param held the state of the guard
	 * @return the reason, {@code null} if it was not before it was closed
	 */
	public static @Nullable String lostReason(HeldLock held) {
		return held.lostReason();
	}

	/**
	 * Callbacks on other threads.
	 * @param threads gives them threads
	 * @param most how many at a time
	 * @return the callbacks
	 */
	public static Callbacks callbacks(Executor threads, int most) {
		return new Callbacks(threads, most, (look) -> {
		});
	}

	/**
	 * A queue that tells on other threads, each of which ends when all is told.
	 * @param listener who is told
	 * @param threads gives them threads
	 * @param time the clocks
	 * @return the queue
	 */
	public static ListenerQueue queue(LockListener listener, Executor threads, TimeSource time) {
		return new ListenerQueue(listener, threads, 0, time);
	}

}
