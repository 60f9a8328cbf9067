package org.crossprocesslock;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * Acquires named locks.
 *
 * <p>
 * <b>Guaranteed:</b> between the moment a guard is handed out and the moment it closes or
 * is lost, no other guard of the same key that its {@link LockMode} excludes is held,
 * within the reach of the backend (see the table of {@link org.crossprocesslock the
 * package}). <b>Not guaranteed:</b> anything after a guard was lost; see
 * {@link LockGuard}.
 * </p>
 * <p>
 * Waiting requests of one manager are served in the order of their arrival. A guard
 * belongs to no thread, and locks are <b>not reentrant</b>: a request for a key that the
 * same thread holds waits like any other request.
 * </p>
 * <p>
 * Only the fencing of transactions (see {@link Fencing}) depends on the thread:
 * transactions that begin on the thread that called {@code lock}, {@code tryLock} or
 * {@code lockAll}, until the guard is closed, count as work under it. They must commit
 * before the guard is closed. A guard of {@link #lockAsync} fences no transaction: use it
 * for locks that outlive a call, for example leadership.
 * </p>
 * <p>
 * Each outcome has a type of its own. Busy is an empty {@code Optional} from the
 * {@code tryLock} methods; a wait that was too short is a {@link LockTimeoutException}; a
 * lost lease is a {@link LockLostException}; a store that failed is a
 * {@link LockStoreException} and is never reported as busy.
 * </p>
 * <p>
 * Every request gets at least one attempt, however short its wait time. The wait time
 * bounds the waiting for other holders; one attempt on a backend that is reached over a
 * network takes as long as that backend's own time limits allow. A store that fails while
 * a request still has wait time left is tried again until the time is over, unless the
 * failure is one that waiting cannot cure.
 * </p>
 * <p>
 * All methods are safe from any thread, virtual threads included; no method holds a
 * monitor while it waits.
 * </p>
 *
 * @since 0.1.0
 */
public interface LockManager extends AutoCloseable {

	/**
	 * Attempts once to acquire the key exclusively. Does not wait for other holders. An
	 * interrupt does not end the attempt; the thread's interrupt flag is left as it is.
	 * @param key the key, see {@link LockRequest#key()}
	 * @return the guard, or empty if another guard holds the key
	 * @throws IllegalArgumentException if the key is not allowed
	 * @throws LockStoreException if the store failed
	 * @throws IllegalStateException if this manager is closed
	 */
	Optional<LockGuard> tryLock(String key);

	/**
	 * Acquires what the request names, waiting for as long as it says.
	 * @param request the request
	 * @return the guard, or empty if others held the key for the whole wait time
	 * @throws InterruptedException if the thread is interrupted before or while it waits;
	 * nothing is held then
	 * @throws LockStoreException if the store failed
	 * @throws IllegalStateException if this manager is closed, before or while waiting
	 * @see #lock(LockRequest)
	 */
	Optional<LockGuard> tryLock(LockRequest request) throws InterruptedException;

	/**
	 * Acquires the key exclusively, waiting for at most the given time. The wait time is
	 * mandatory so that no caller waits for ever by omission.
	 * @param key the key, see {@link LockRequest#key()}
	 * @param waitTime how long to wait for other holders, zero for one attempt
	 * @return the guard
	 * @throws IllegalArgumentException if the key is not allowed or the time is negative
	 * @throws InterruptedException if the thread is interrupted before or while it waits;
	 * nothing is held then
	 * @throws LockTimeoutException if others held the key for the whole wait time
	 * @throws LockStoreException if the store failed
	 * @throws IllegalStateException if this manager is closed, before or while waiting
	 */
	default LockGuard lock(String key, Duration waitTime) throws InterruptedException {
		return granted(lock(LockRequest.of(key, waitTime)));
	}

	/**
	 * Acquires what the request names, waiting for as long as it says.
	 * @param request the request
	 * @return the guard
	 * @throws InterruptedException if the thread is interrupted before or while it waits;
	 * nothing is held then
	 * @throws LockTimeoutException if others held the key for the whole wait time
	 * @throws LockStoreException if the store failed
	 * @throws IllegalStateException if this manager is closed, before or while waiting
	 * @see #tryLock(LockRequest)
	 */
	LockGuard lock(LockRequest request) throws InterruptedException;

	/**
	 * Acquires several keys exclusively, all of them or none, waiting for at most the
	 * given time for all together.
	 * @param keys the keys, in any order; one that is there twice counts once
	 * @param waitTime how long to wait for other holders, zero for one attempt
	 * @return the guards of all keys as one
	 * @throws IllegalArgumentException if there is no key, there are more than
	 * {@value LockGuards#MAX_KEYS}, or a key or the time is not allowed
	 * @throws InterruptedException as {@link #lockAll(Collection)}
	 * @throws LockTimeoutException as {@link #lockAll(Collection)}
	 * @throws LockLostException as {@link #lockAll(Collection)}
	 * @throws LockStoreException as {@link #lockAll(Collection)}
	 * @throws IllegalStateException as {@link #lockAll(Collection)}
	 */
	default LockGuards lockAll(Collection<String> keys, Duration waitTime) throws InterruptedException {
		return lockAll(keys.stream().map((key) -> LockRequest.of(key, waitTime)).toList());
	}

	/**
	 * Acquires what the requests name, all of it or nothing. All wait times begin with
	 * this call. A call that waits for a key holds only keys that come before it in the
	 * order of {@link LockOrder}, so that two of these calls never deadlock, whatever
	 * keys they name. That does not hold for a call that is made while other keys are
	 * held: there the wait time ends a deadlock. On a database, free keys travel
	 * together, in a few statements however many they are; each busy key costs about two
	 * more.
	 * <p>
	 * Meters and listeners report each key by itself. A free key may be acquired and
	 * released while another is waited for, so other processes may see it as busy.
	 * </p>
	 * @param requests the requests, in any order; of several for one key one counts, an
	 * exclusive one if there is one
	 * @return the guards of all keys as one
	 * @throws IllegalArgumentException if there is no request, there are more than
	 * {@value LockGuards#MAX_KEYS} keys, or one of several is to be
	 * {@linkplain LockRequest#holdAtLeast() held at least} for a time
	 * @throws InterruptedException if the thread is interrupted before or while it waits;
	 * nothing is held then
	 * @throws LockTimeoutException if others held one of the keys for the whole wait
	 * time; names that key, and nothing is held then
	 * @throws LockLostException if one of the keys was lost while others were waited for;
	 * nothing is held then
	 * @throws LockStoreException if the store failed; nothing is held then
	 * @throws IllegalStateException if this manager is closed, before or while waiting
	 */
	LockGuards lockAll(Collection<LockRequest> requests) throws InterruptedException;

	/**
	 * Acquires what the request names without blocking the calling thread. The future
	 * completes on a separate thread of the library, so dependent stages may block. They
	 * had better not wait for another future of this library: there are 64 of these
	 * threads, and while all of them wait, there is only one more each second. It fails
	 * with the exceptions of {@link #lock(LockRequest)}. Cancelling it cancels the
	 * request, and a lock that was granted meanwhile is released.
	 * @param request the request
	 * @return the future guard, which its receiver closes
	 */
	CompletableFuture<LockGuard> lockAsync(LockRequest request);

	/**
	 * Acquires what the requests name, all of it or nothing, as
	 * {@link #lockAll(Collection)} does and in the same order, without blocking the
	 * calling thread. The future completes like that of {@link #lockAsync}, and fails
	 * with the exceptions of {@code lockAll}. Cancelling it cancels the requests, and
	 * locks that were granted meanwhile are released.
	 * @param requests the requests, in any order
	 * @return the future guards, which their receiver closes
	 * @throws IllegalArgumentException as {@link #lockAll(Collection)}, at once
	 */
	CompletableFuture<LockGuards> lockAllAsync(Collection<LockRequest> requests);

	/**
	 * Acquires the lock, runs the work and releases the lock.
	 * @param <T> the type of the result
	 * @param request the request
	 * @param work what to do while the lock is held
	 * @return the result of the work
	 * @throws LockLostException if the guard was lost while the work ran; suppressed in
	 * the work's own exception if it threw one
	 * @throws Exception what the work threw, or what {@link #lock(LockRequest)} throws
	 */
	default <T> T callLocked(LockRequest request, Callable<T> work) throws Exception {
		try (LockGuard guard = granted(lock(request))) {
			return work.call();
		}
	}

	/**
	 * Acquires the lock, runs the work and releases the lock.
	 * @param request the request
	 * @param work what to do while the lock is held
	 * @throws InterruptedException as {@link #lock(LockRequest)}
	 * @throws LockTimeoutException as {@link #lock(LockRequest)}
	 * @throws LockStoreException as {@link #lock(LockRequest)}
	 * @throws LockLostException if the guard was lost while the work ran; suppressed in
	 * the work's own exception if it threw one
	 */
	default void runLocked(LockRequest request, Runnable work) throws InterruptedException {
		try (LockGuard guard = granted(lock(request))) {
			work.run();
		}
	}

	// of an implementation that breaks its contract, as a mock does: without this the
	// work
	// would run without a lock
	private LockGuard granted(@Nullable LockGuard guard) {
		if (guard == null) {
			throw new IllegalStateException(
					"The lock manager, of " + getClass() + ", has returned null instead of a guard. Is it a mock?");
		}
		return guard;
	}

	/**
	 * State of this manager for monitoring. A manager that wraps another one should
	 * return the inspection of the wrapped one.
	 * @return the inspection, always the same, or empty if there is none
	 */
	default Optional<LockInspection> inspection() {
		return Optional.empty();
	}

	/**
	 * Ends this manager. Guards that are still open are lost at once, then their keys are
	 * released. Requests that still wait end with an {@link IllegalStateException}.
	 * Blocks while the backend releases the keys, for as long as its time limits allow;
	 * not interruptible. Closing twice is harmless.
	 */
	@Override
	void close();

}
