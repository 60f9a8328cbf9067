package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener.Refusal;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.LockTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way. The backend ends it once; ends after the first do nothing,
 * except that a grant nobody can receive any more is given back. Safe from any thread.
 *
 * @since 0.1.0
 */
public final class LockAttempt {

	private final AttemptingLockManager manager;

	private final LockRequest request;

	private final boolean async;

	private final long startedNanos = TimeSource.SYSTEM.nanos();

	// of a guard that its caller may forget; noting it costs more than all the rest
	private final @Nullable Throwable origin;

	// decides which end counts, before the listener or the caller hears of it: the future
	// cannot, since an asynchronous caller completes it without asking
	private final AtomicBoolean ended = new AtomicBoolean();

	// null stands for busy, so that a caller who only tries pays for no exception
	private final CompletableFuture<@Nullable LockGuard> future = new CompletableFuture<>();

	private volatile @Nullable String lastSeenHolder;

	private volatile @Nullable Duration lastSeenKept;

	private LockAttempt(AttemptingLockManager manager, LockRequest request, boolean async, @Nullable Throwable origin) {
		this.manager = manager;
		this.request = request;
		this.async = async;
		this.origin = origin;
		if (async) {
			var unused = this.future.whenComplete((guard, failure) -> abandon());
		}
	}

	/** Of a caller that waits and is then on its own with the guard. */
	static LockAttempt blocking(AttemptingLockManager manager, LockRequest request) {
		return new LockAttempt(manager, request, false, origin());
	}

	/** Of a caller that does not wait. */
	static LockAttempt async(AttemptingLockManager manager, LockRequest request) {
		return new LockAttempt(manager, request, true, origin());
	}

	/** Of a caller that waits and cannot forget to close the guard. */
	static LockAttempt scoped(AttemptingLockManager manager, LockRequest request) {
		return new LockAttempt(manager, request, false, null);
	}

	private static Throwable origin() {
		return new Throwable("acquired here");
	}

	/**
	 * What is asked for.
	 * @return the request
	 */
	public LockRequest request() {
		return this.request;
	}

	/**
	 * Whether whoever asks goes on meanwhile, so that nothing may keep his thread.
	 * @return {@code true} for a caller that does not wait
	 */
	public boolean isAsync() {
		return this.async;
	}

	/**
	 * Makes the state of the guard to be delivered, so that the backend can declare it
	 * lost at any time from now on. Does nothing else and calls nobody.
	 * @param claim what the backend has granted
	 * @return the state, for {@link #deliver}
	 */
	public HeldLock hold(Claim claim) {
		return new HeldLock(this.request, claim, this.manager, this.origin);
	}

	/**
	 * Makes the state of the guard and hands the guard to the caller. If that cannot be
	 * made the attempt ends with a failure, since nobody else would end it. Calls the
	 * listener, so call it outside any lock.
	 * @param made calls {@link #hold} and does what else must be done before the caller
	 * has the guard
	 * @return whether it was made; if not, nobody has a guard of what was granted
	 */
	public boolean deliver(Supplier<HeldLock> made) {
		HeldLock held;
		try {
			held = made.get();
		}
		catch (Throwable ex) {
			failed(unserved(ex));
			return false;
		}
		deliver(held);
		return true;
	}

	/**
	 * Hands the guard to the caller, or gives the claim back if the caller has given up.
	 * Calls the listener, so call it outside any lock.
	 * @param held what {@link #hold} made
	 */
	public void deliver(HeldLock held) {
		tell(() -> complete(held));
	}

	/**
	 * An asynchronous caller may go on in it and block, which no backend's thread may.
	 */
	private void tell(Runnable completion) {
		if (this.async) {
			this.manager.futures().runOrHere(completion);
		}
		else {
			completion.run();
		}
	}

	private void complete(HeldLock held) {
		if (!end()) {
			held.giveBack();
			return;
		}
		OpenGuard guard;
		try {
			// told first: a caller that goes on at once may release before this thread
			// does
			guard = held.open(waited());
		}
		catch (Throwable ex) {
			// the caller waits for this end and gets no other
			try {
				held.giveBack();
			}
			finally {
				this.future.completeExceptionally(unserved(ex));
			}
			return;
		}
		if (!this.future.complete(guard)) {
			guard.giveBack();
		}
	}

	/** What a request ends with that met a failure of this library or of the host. */
	static LockStoreException unserved(Throwable cause) {
		return StoreFault.of(cause.toString(), cause);
	}

	/**
	 * Ends the attempt: others have held the key for as long as the caller was ready to
	 * wait. Calls the listener, so call it outside any lock.
	 * @param holder the holder last seen, {@code null} where it is not known
	 */
	public void busy(@Nullable String holder) {
		busy(holder, null);
	}

	/**
	 * Ends the attempt: others have held the key for as long as the caller was ready to
	 * wait, or the last of them keeps it. Calls the listener, so call it outside any
	 * lock.
	 * @param holder the holder last seen, {@code null} where it is not known
	 * @param kept for how long the key is still kept though nobody holds it, {@code null}
	 * if that is not why
	 */
	public void busy(@Nullable String holder, @Nullable Duration kept) {
		if (end()) {
			this.lastSeenHolder = holder;
			this.lastSeenKept = kept;
			refused(this.request.waitTime().isZero() ? Refusal.BUSY : Refusal.TIMED_OUT);
			if (this.async) {
				fail(timeout());
			}
			else {
				this.future.complete(null);
			}
		}
	}

	/**
	 * Ends the attempt with a failure. Calls the listener, so call it outside any lock.
	 * @param failure a {@link LockStoreException}, or an {@link IllegalStateException} if
	 * the manager was closed
	 */
	public void failed(RuntimeException failure) {
		if (end()) {
			refused(Refusal.FAILED);
			fail(failure);
		}
	}

	/**
	 * Ends an attempt that could not even be started. Nobody hangs on its future yet, so
	 * that no thread is needed to complete it: there may be none, and nobody who looks
	 * for one later.
	 */
	void notStarted(RuntimeException failure) {
		if (end()) {
			refused(Refusal.FAILED);
			this.future.completeExceptionally(failure);
		}
	}

	private boolean end() {
		return this.ended.compareAndSet(false, true);
	}

	private void fail(RuntimeException failure) {
		tell(() -> this.future.completeExceptionally(failure));
	}

	CompletableFuture<LockGuard> future() {
		@SuppressWarnings("NullAway") // an asynchronous attempt never completes with null
		CompletableFuture<LockGuard> result = this.future;
		return result;
	}

	@Nullable LockGuard await() throws InterruptedException {
		try {
			return this.future.get();
		}
		catch (InterruptedException ex) {
			giveUp();
			throw ex;
		}
		catch (ExecutionException ex) {
			throw seenFromHere(ex.getCause());
		}
	}

	@Nullable LockGuard awaitUninterruptibly() {
		try {
			return this.future.join();
		}
		catch (CompletionException ex) {
			throw seenFromHere(ex.getCause());
		}
	}

	LockTimeoutException timeout() {
		return new LockTimeoutException(this.request.key(), waited(), this.lastSeenHolder, this.lastSeenKept);
	}

	/** The caller waits no more; what it was or will be granted is given back. */
	void giveUp() {
		if (!abandon()) {
			giveBackGranted();
		}
	}

	private void giveBackGranted() {
		// a grant that comes after the cancellation gives itself back
		if (!this.future.cancel(false) && !this.future.isCompletedExceptionally()
				&& this.future.join() instanceof OpenGuard guard) {
			guard.giveBack();
		}
	}

	private boolean abandon() {
		boolean abandoned = end();
		if (abandoned) {
			this.manager.abandon(this);
			refused(Refusal.ABANDONED);
		}
		return abandoned;
	}

	private void refused(Refusal refusal) {
		this.manager.listener().onRefused(this.request, refusal, waited());
	}

	/**
	 * How long ago it was made.
	 * @return the time, also after its end
	 */
	public Duration waited() {
		return Duration.ofNanos(TimeSource.SYSTEM.nanos() - this.startedNanos);
	}

	/**
	 * The failure happened on a thread of the backend; its caller wants its own stack.
	 */
	RuntimeException seenFromHere(@Nullable Throwable failure) {
		if (failure instanceof LockStoreException store) {
			return new LockStoreException(
					"Key '" + this.request.key() + "' could not be acquired: " + store.getMessage(), store,
					store.isPermanent());
		}
		return new IllegalStateException(
				(failure != null) ? failure.getMessage() : "The attempt ended without a reason", failure);
	}

}
