package org.crossprocesslock.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.crossprocesslock.LockListener;
import org.jspecify.annotations.Nullable;

/**
 * A backend that does what a test says, and tells its listener at once.
 */
final class ManualLockManager extends AttemptingLockManager {

	final List<LockAttempt> started = new CopyOnWriteArrayList<>();

	final List<LockAttempt> abandoned = new CopyOnWriteArrayList<>();

	final List<LockAttempt> lentTo = new CopyOnWriteArrayList<>();

	private final Consumer<LockAttempt> onStart;

	private final Consumer<LockAttempt> onLend;

	ManualLockManager(LockListener listener, Consumer<LockAttempt> onStart) {
		this(listener, onStart, (attempt) -> {
		});
	}

	ManualLockManager(LockListener listener, Consumer<LockAttempt> onStart, Consumer<LockAttempt> onLend) {
		this(listener, onStart, onLend, Callbacks.FUTURES);
	}

	ManualLockManager(LockListener listener, Consumer<LockAttempt> onStart, Consumer<LockAttempt> onLend,
			Callbacks futures) {
		super(new ListenerQueue(listener, Runnable::run, 0, TimeSource.SYSTEM), Callbacks.LOSSES, futures);
		this.onStart = onStart;
		this.onLend = onLend;
	}

	@Override
	protected void start(LockAttempt attempt) {
		this.started.add(attempt);
		this.onStart.accept(attempt);
	}

	@Override
	protected void lendThread(LockAttempt attempt) {
		this.lentTo.add(attempt);
		this.onLend.accept(attempt);
	}

	@Override
	protected void abandon(LockAttempt attempt) {
		this.abandoned.add(attempt);
	}

	@Override
	public void close() {
		this.started.clear();
	}

	/** A claim that a test can end. */
	static final class ManualClaim implements Claim {

		final AtomicInteger releases = new AtomicInteger();

		final List<String> cleared = new ArrayList<>();

		volatile boolean held = true;

		CompletableFuture<Void> released = CompletableFuture.completedFuture(null);

		/** What the next question for the token fails with. */
		volatile @Nullable Error tokenFailure;

		/** What the next look for room on the stack fails with. */
		volatile @Nullable Error roomFailure;

		/** Happens when somebody asks whether it is held. */
		volatile Runnable whenAsked = () -> {
		};

		@Override
		public long fencingToken() {
			Error failure = this.tokenFailure;
			this.tokenFailure = null;
			if (failure != null) {
				throw failure;
			}
			return 7;
		}

		@Override
		public boolean isHeld() {
			this.whenAsked.run();
			return this.held;
		}

		@Override
		public String whyLost() {
			return "it is over";
		}

		@Override
		public boolean isDirty() {
			return this.cleared.isEmpty();
		}

		@Override
		public void clearDirty() {
			this.cleared.add("cleared");
		}

		@Override
		public void requireRoom() {
			Error failure = this.roomFailure;
			this.roomFailure = null;
			if (failure != null) {
				throw failure;
			}
		}

		@Override
		public CompletableFuture<?> release() {
			this.releases.incrementAndGet();
			return this.released;
		}

	}

}
