package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockOrder;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LockManager} whose backend only has to start attempts and to forget abandoned
 * ones. Blocking, interruption, cancellation and the listener are done here, alike for
 * all backends.
 *
 * @since 0.1.0
 */
public abstract class AttemptingLockManager implements LockManager {

	private static final Duration LISTENER_LIMIT = Duration.ofSeconds(1);

	private final ListenerQueue listener;

	private final Callbacks losses;

	private final Callbacks futures;

	/**
	 * Creates the manager.
	 * @param listener is called for all events, see {@link LockListener}
	 */
	protected AttemptingLockManager(LockListener listener) {
		this(new ListenerQueue(listener));
	}

	/**
	 * Creates a manager that tells nobody what it does.
	 */
	protected AttemptingLockManager() {
		this(ListenerQueue.NOBODY);
	}

	private AttemptingLockManager(ListenerQueue listener) {
		this(listener, Callbacks.LOSSES, Callbacks.FUTURES);
	}

	/**
	 * Creates a manager that calls back where it is told to.
	 * @param listener is called for all events
	 * @param losses where callbacks of lost guards run
	 * @param futures where the futures of asynchronous requests are completed
	 */
	protected AttemptingLockManager(ListenerQueue listener, Callbacks losses, Callbacks futures) {
		this.listener = listener;
		this.losses = losses;
		this.futures = futures;
	}

	/**
	 * Takes the attempt up. Must not block; the attempt is ended later by
	 * {@link LockAttempt#deliver}, {@link LockAttempt#busy} or
	 * {@link LockAttempt#failed}, or right away.
	 * @param attempt what is asked for
	 * @throws IllegalStateException if this manager is closed
	 */
	protected abstract void start(LockAttempt attempt);

	/**
	 * Lends the thread of a caller who blocks: it has nothing else to do until the
	 * attempt has ended. Called once, after {@link #start} and before the caller begins
	 * to wait. Need not do anything. Must return soon after the attempt has ended or the
	 * thread was interrupted, and leave the interrupt to be seen.
	 * @param attempt an attempt that was started before on the same thread
	 */
	protected void lendThread(LockAttempt attempt) {
		// waiting for the end of the attempt is enough
	}

	/**
	 * Forgets an attempt whose caller has given up. Must not block. A grant that is
	 * delivered all the same is given back by the attempt itself.
	 * @param attempt an attempt that was started before
	 */
	protected abstract void abandon(LockAttempt attempt);

	/**
	 * What requests fail with once a manager is closed.
	 * @return a new exception
	 */
	public static IllegalStateException closedException() {
		return new IllegalStateException("The lock manager is closed");
	}

	/**
	 * The listener to tell. Its methods neither block nor throw, and what they are told
	 * first is heard first.
	 * @return the listener
	 */
	protected final LockListener listener() {
		return this.listener;
	}

	/** Where callbacks of lost guards run. */
	final Callbacks losses() {
		return this.losses;
	}

	/** Where the futures of asynchronous requests are completed. */
	final Callbacks futures() {
		return this.futures;
	}

	@Override
	public final Optional<LockGuard> tryLock(String key) {
		LockAttempt attempt = begin(LockAttempt.blocking(this, LockRequest.of(key, Duration.ZERO)));
		return Optional.ofNullable(attempt.awaitUninterruptibly()).map(AttemptingLockManager::toWorkUnder);
	}

	@Override
	public final Optional<LockGuard> tryLock(LockRequest request) throws InterruptedException {
		checkNotInterrupted(request);
		return Optional.ofNullable(await(LockAttempt.blocking(this, request))).map(AttemptingLockManager::toWorkUnder);
	}

	@Override
	public final LockGuard lock(LockRequest request) throws InterruptedException {
		checkNotInterrupted(request);
		return toWorkUnder(granted(LockAttempt.blocking(this, request)));
	}

	/**
	 * As {@link #lock(LockRequest)}, for a caller that closes the guard however its work
	 * ends. Where that happens is not recorded for the report of forgotten guards, which
	 * takes longer the deeper the stack is.
	 * @param request the request
	 * @return the guard, not to be handed to anybody who might forget it
	 * @throws InterruptedException as {@link #lock(LockRequest)}
	 * @throws org.crossprocesslock.LockTimeoutException as {@link #lock(LockRequest)}
	 * @throws org.crossprocesslock.LockStoreException as {@link #lock(LockRequest)}
	 * @throws IllegalStateException as {@link #lock(LockRequest)}
	 */
	public final LockGuard lockScoped(LockRequest request) throws InterruptedException {
		checkNotInterrupted(request);
		return granted(LockAttempt.scoped(this, request));
	}

	/**
	 * As {@link #tryLock(LockRequest)}, for a caller that closes the guard however its
	 * work ends.
	 * @param request the request
	 * @return the guard, or empty if others held the key for the whole wait time
	 * @throws InterruptedException as {@link #tryLock(LockRequest)}
	 * @throws org.crossprocesslock.LockStoreException as {@link #tryLock(LockRequest)}
	 * @throws IllegalStateException as {@link #tryLock(LockRequest)}
	 * @see #lockScoped
	 */
	public final Optional<LockGuard> tryLockScoped(LockRequest request) throws InterruptedException {
		checkNotInterrupted(request);
		return Optional.ofNullable(await(LockAttempt.scoped(this, request)));
	}

	@Override
	public final LockGuards lockAll(Collection<LockRequest> requests) throws InterruptedException {
		LockGuards guards = new SeveralAttempts(this, LockOrder.of(requests), LockAttempt::blocking).await();
		guards.guards().forEach(AttemptingLockManager::toWorkUnder);
		return guards;
	}

	/**
	 * As {@link #lockAll(Collection)}, for a caller that closes the guards however its
	 * work ends.
	 * @param requests the requests
	 * @return the guards
	 * @throws InterruptedException as {@link #lockAll(Collection)}
	 * @throws org.crossprocesslock.LockTimeoutException as {@link #lockAll(Collection)}
	 * @throws org.crossprocesslock.LockLostException as {@link #lockAll(Collection)}
	 * @throws org.crossprocesslock.LockStoreException as {@link #lockAll(Collection)}
	 * @throws IllegalStateException as {@link #lockAll(Collection)}
	 * @see #lockScoped
	 */
	public final LockGuards lockAllScoped(Collection<LockRequest> requests) throws InterruptedException {
		return new SeveralAttempts(this, LockOrder.of(requests), LockAttempt::scoped).await();
	}

	/**
	 * Who acquires a guard and does not say for what works under it until it is closed.
	 */
	private static LockGuard toWorkUnder(LockGuard guard) {
		if (guard instanceof OpenGuard open) {
			open.lock().beginWork(open);
		}
		return guard;
	}

	private LockGuard granted(LockAttempt attempt) throws InterruptedException {
		LockGuard guard = await(attempt);
		if (guard == null) {
			throw attempt.timeout();
		}
		return guard;
	}

	/** From its beginning to its end, with the thread of the caller to wait in. */
	final @Nullable LockGuard await(LockAttempt attempt) throws InterruptedException {
		begin(attempt);
		guarded(attempt, AttemptingLockManager::lendThread);
		return attempt.await();
	}

	@Override
	public final CompletableFuture<LockGuard> lockAsync(LockRequest request) {
		return begin(LockAttempt.async(this, request)).future();
	}

	@Override
	public final CompletableFuture<LockGuards> lockAllAsync(Collection<LockRequest> requests) {
		return new SeveralAttempts(this, LockOrder.of(requests), LockAttempt::async).promise();
	}

	@Override
	public final <T> T callLocked(LockRequest request, Callable<T> work) throws Exception {
		try (LockGuard guard = lockScoped(request); GuardedWork guarded = GuardedWork.begin(guard, Fencing.AUTO)) {
			return work.call();
		}
	}

	@Override
	public final void runLocked(LockRequest request, Runnable work) throws InterruptedException {
		try (LockGuard guard = lockScoped(request); GuardedWork guarded = GuardedWork.begin(guard, Fencing.AUTO)) {
			work.run();
		}
	}

	/**
	 * Waits, for at most a second, until the listener has heard what has happened so far.
	 * For the end of {@link #close()}.
	 */
	protected final void awaitListener() {
		this.listener.await(LISTENER_LIMIT);
	}

	/**
	 * Takes up the callbacks of this manager for which there was no thread before. To be
	 * called now and then.
	 */
	protected final void catchUp() {
		this.losses.takeUp();
		this.futures.takeUp();
	}

	/**
	 * The same for all managers with the usual threads. For threads of backends that look
	 * after something now and then and know of no manager.
	 */
	public static void catchUpWithCallbacks() {
		Callbacks.catchUp();
	}

	final LockAttempt begin(LockAttempt attempt) {
		this.listener.onRequested(attempt.request());
		guarded(attempt, (manager, begun) -> {
			// a backend need not have a thread that looks
			manager.catchUp();
			manager.start(begun);
		});
		return attempt;
	}

	private void guarded(LockAttempt attempt, BiConsumer<AttemptingLockManager, LockAttempt> step) {
		try {
			step.accept(this, attempt);
		}
		catch (RuntimeException ex) {
			attempt.notStarted(ex);
			abandon(attempt);
		}
		catch (Throwable ex) {
			// whatever it is, nobody else will end this attempt
			attempt.notStarted(LockAttempt.unserved(ex));
			abandon(attempt);
		}
	}

	static void checkNotInterrupted(LockRequest request) throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException("Interrupted before waiting for key '" + request.key() + "'");
		}
	}

}
