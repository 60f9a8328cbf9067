package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

import org.crossprocesslock.HeldKey;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state of one guard, apart from the guard itself so that a backend can keep it
 * without keeping the guard from the garbage collector. Safe from any thread.
 *
 * @since 0.1.0
 */
public final class HeldLock {

	private static final Logger logger = LoggerFactory.getLogger(HeldLock.class);

	private sealed interface State permits Held, Lost, Closed {

		@Nullable String lostReason();

	}

	private record Held(List<Runnable> callbacks) implements State {

		@Override
		public @Nullable String lostReason() {
			return null;
		}

	}

	private record Lost(String lostReason) implements State {

	}

	private record Closed(@Nullable String lostReason) implements State {

	}

	private final LockRequest request;

	private final Claim claim;

	private final AttemptingLockManager manager;

	private final @Nullable Throwable origin;

	private final long sinceNanos = TimeSource.SYSTEM.nanos();

	// each change and what the listener hears of it are one step, so that it hears the
	// changes in their order; nothing under this lock blocks
	private final ReentrantLock changing = new ReentrantLock();

	private volatile State state = new Held(List.of());

	private boolean opened;

	private volatile @Nullable GuardedWork work;

	HeldLock(LockRequest request, Claim claim, AttemptingLockManager manager, @Nullable Throwable origin) {
		this.request = request;
		this.claim = claim;
		this.manager = manager;
		this.origin = origin;
	}

	/**
	 * Declares the guard lost, for good. Has its callbacks run on other threads. Does
	 * nothing if it is closed or was lost before. Does not block.
	 * @param reason how it was lost, to follow a colon in a sentence
	 */
	public void lose(String reason) {
		this.changing.lock();
		try {
			if (this.state instanceof Held held) {
				this.state = new Lost(reason);
				tellLost();
				held.callbacks().forEach(this.manager.losses()::run);
			}
		}
		finally {
			this.changing.unlock();
		}
	}

	/**
	 * What the backend has granted to the guard's user.
	 * @param guard any guard
	 * @return the claim, {@code null} if the guard was not made by this engine
	 */
	public static @Nullable Claim claimOf(LockGuard guard) {
		return (guard instanceof OpenGuard open) ? open.lock().claim() : null;
	}

	/**
	 * What to tell of the guard. No I/O.
	 * @param state what it is in, as far as the backend knows; that it was lost is known
	 * here
	 * @return the report
	 */
	public HeldKey report(HeldKey.State state) {
		boolean lost = this.state.lostReason() != null || !this.claim.isHeld();
		return new HeldKey(key(), this.request.name(), this.request.mode(), fencingToken(), held(),
				lost ? HeldKey.State.LOST : state);
	}

	private Duration held() {
		return Duration.ofNanos(TimeSource.SYSTEM.nanos() - this.sinceNanos);
	}

	Claim claim() {
		return this.claim;
	}

	/** Makes the guard. The listener hears of it first, and of a loss not before that. */
	OpenGuard open(Duration waited) {
		this.changing.lock();
		try {
			this.opened = true;
			this.manager.listener().onAcquired(this.request, fencingToken(), waited);
			tellLost();
		}
		finally {
			this.changing.unlock();
		}
		return new OpenGuard(this);
	}

	/**
	 * What this thread does until the guard is closed counts as work under it.
	 * @param guard the guard of this state
	 */
	void beginWork(OpenGuard guard) {
		this.work = GuardedWork.assume(guard);
	}

	private void tellLost() {
		String reason = lostReason();
		if (this.opened && reason != null) {
			this.manager.listener().onLost(this.request, fencingToken(), reason);
		}
	}

	String key() {
		return this.request.key();
	}

	long fencingToken() {
		return this.claim.fencingToken();
	}

	boolean isHeld() {
		return this.state instanceof Held && this.claim.isHeld();
	}

	boolean isClosed() {
		return this.state instanceof Closed;
	}

	void checkHeld() {
		if (isHeld()) {
			return;
		}
		State now = this.state;
		if (now instanceof Closed) {
			throw new IllegalStateException("The guard of key '" + key() + "' is closed");
		}
		throw lostException((now instanceof Lost lost) ? lost.lostReason() : this.claim.whyLost());
	}

	boolean isDirty() {
		return this.claim.isDirty();
	}

	void clearDirty() {
		if (isHeld()) {
			this.claim.clearDirty();
		}
	}

	/** Loses the guard, and then gives up what it has before its user closes it. */
	void takeAway(String reason) {
		this.claim.requireRoom();
		lose(reason);
		var unused = this.claim.giveBack();
	}

	void onLost(Runnable callback) {
		this.claim.requireRoom();
		this.changing.lock();
		try {
			if (this.state instanceof Held held) {
				List<Runnable> callbacks = new ArrayList<>(held.callbacks());
				callbacks.add(callback);
				this.state = new Held(callbacks);
			}
			else if (lostReason() != null) {
				this.manager.losses().run(callback);
			}
		}
		finally {
			this.changing.unlock();
		}
	}

	/**
	 * Why it was declared lost, {@code null} if it was not; for good once it is closed.
	 */
	@Nullable String lostReason() {
		return this.state.lostReason();
	}

	void close() {
		CompletableFuture<?> released = beginClose();
		if (released != null) {
			released.join();
			LockLostException loss = loss();
			if (loss != null) {
				throw loss;
			}
		}
	}

	/** Does not wait. What depends on the answer keeps no thread of the backend. */
	CompletableFuture<Void> closeAsync() {
		CompletableFuture<?> released = beginClose();
		if (released == null) {
			return CompletableFuture.completedFuture(null);
		}
		CompletableFuture<Void> closed = new CompletableFuture<>();
		if (released.isDone()) {
			complete(closed);
		}
		else {
			var unused = released
				.whenComplete((none, failure) -> this.manager.futures().runOrHere(() -> complete(closed)));
		}
		return closed;
	}

	private void complete(CompletableFuture<Void> closed) {
		LockLostException loss = loss();
		if (loss != null) {
			closed.completeExceptionally(loss);
		}
		else {
			closed.complete(null);
		}
	}

	/** That it was declared lost before it was closed, if so. */
	@Nullable LockLostException loss() {
		String reason = lostReason();
		return (reason != null) ? lostException(reason) : null;
	}

	/** What a close waits for, {@code null} if it was closed before. */
	@Nullable CompletableFuture<?> beginClose() {
		this.claim.requireRoom();
		if (!this.claim.isHeld()) {
			lose(this.claim.whyLost());
		}
		return release(Claim::release);
	}

	/**
	 * Releases what nobody received; a loss then hurts nobody. The listener hears of it
	 * only if it has heard of the grant. Does not wait.
	 */
	void giveBack() {
		this.claim.requireRoom();
		var unused = release(Claim::giveBack);
	}

	void leaked() {
		if (release(Claim::release) != null) {
			logger.error("A guard of key '{}' was never closed; it was released when the garbage collector found it. "
					+ "Close every guard, best with try-with-resources", key(), this.origin);
		}
	}

	/** Answers {@code null} if it was closed before. */
	private @Nullable CompletableFuture<?> release(Function<Claim, CompletableFuture<?>> release) {
		this.changing.lock();
		try {
			if (this.state instanceof Closed) {
				return null;
			}
			this.state = new Closed(this.state.lostReason());
			if (this.opened) {
				// before the release: whoever gets the key next is told of after this
				this.manager.listener().onReleased(this.request, fencingToken(), held());
			}
		}
		finally {
			this.changing.unlock();
		}
		if (this.work != null) {
			this.work.close();
		}
		return release.apply(this.claim);
	}

	private LockLostException lostException(String reason) {
		return new LockLostException(key(), fencingToken(), reason);
	}

}
