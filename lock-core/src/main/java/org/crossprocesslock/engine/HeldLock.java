package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
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

	private record Held(List<Consumer<String>> whenLost) implements State {

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

	private final LockListener listener;

	private final @Nullable Throwable origin;

	private final long sinceNanos = TimeSource.SYSTEM.nanos();

	private final AtomicReference<State> state = new AtomicReference<>(new Held(List.of()));

	HeldLock(LockRequest request, Claim claim, LockListener listener, @Nullable Throwable origin) {
		this.request = request;
		this.claim = claim;
		this.listener = listener;
		this.origin = origin;
	}

	/**
	 * Declares the guard lost, for good. Has its callbacks run on other threads. Does
	 * nothing if it is closed or was lost before. Calls the listener, so call it outside
	 * any lock.
	 * @param reason how it was lost, to follow a colon in a sentence
	 */
	public void lose(String reason) {
		State before = state();
		while (before instanceof Held held) {
			if (this.state.compareAndSet(before, new Lost(reason))) {
				held.whenLost().forEach((action) -> action.accept(reason));
				return;
			}
			before = state();
		}
	}

	/**
	 * What the backend has granted to the guard's user.
	 * @param guard any guard
	 * @return the claim, {@code null} if the guard was not made by this engine
	 */
	public static @Nullable Claim claimOf(LockGuard guard) {
		return (guard instanceof OpenGuard open) ? open.claim() : null;
	}

	Claim claim() {
		return this.claim;
	}

	/** Makes the guard. The listener hears of it first, and of a loss not before that. */
	OpenGuard open(Duration waited) {
		this.listener.onAcquired(this.request, fencingToken(), waited);
		whenLost((reason) -> this.listener.onLost(this.request, fencingToken(), reason));
		return new OpenGuard(this);
	}

	String key() {
		return this.request.key();
	}

	long fencingToken() {
		return this.claim.fencingToken();
	}

	boolean isHeld() {
		return state() instanceof Held && this.claim.isHeld();
	}

	void checkHeld() {
		if (isHeld()) {
			return;
		}
		State now = state();
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

	void onLost(Runnable callback) {
		whenLost((reason) -> Callbacks.run(callback));
	}

	private void whenLost(Consumer<String> action) {
		State before = state();
		while (before instanceof Held held) {
			List<Consumer<String>> actions = new ArrayList<>(held.whenLost());
			actions.add(action);
			if (this.state.compareAndSet(before, new Held(actions))) {
				return;
			}
			before = state();
		}
		String reason = before.lostReason();
		if (reason != null) {
			action.accept(reason);
		}
	}

	void close() {
		if (!this.claim.isHeld()) {
			lose(this.claim.whyLost());
		}
		CompletableFuture<?> released = release();
		if (released != null) {
			tellReleased();
			released.join();
			String reason = state().lostReason();
			if (reason != null) {
				throw lostException(reason);
			}
		}
	}

	/** Releases what nobody received; a loss then hurts nobody. Does not wait. */
	void giveBack() {
		if (release() != null) {
			tellReleased();
		}
	}

	/** Releases what never became a guard, so that the listener has not heard of it. */
	void discard() {
		var unused = release();
	}

	void leaked() {
		if (release() != null) {
			tellReleased();
			logger.error("A guard of key '{}' was never closed; it was released when the garbage collector found it. "
					+ "Close every guard, best with try-with-resources", key(), this.origin);
		}
	}

	private @Nullable CompletableFuture<?> release() {
		State before = state();
		while (!(before instanceof Closed)) {
			if (this.state.compareAndSet(before, new Closed(before.lostReason()))) {
				return this.claim.release();
			}
			before = state();
		}
		return null;
	}

	private void tellReleased() {
		this.listener.onReleased(this.request, fencingToken(),
				Duration.ofNanos(TimeSource.SYSTEM.nanos() - this.sinceNanos));
	}

	private State state() {
		return Objects.requireNonNull(this.state.get());
	}

	private LockLostException lostException(String reason) {
		return new LockLostException(key(), fencingToken(), reason);
	}

}
