package org.crossprocesslock.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.crossprocesslock.Interleavings.explore;
import static org.crossprocesslock.Interleavings.require;
import static org.crossprocesslock.Interleavings.together;

/** The ends of a request and of a guard under every order of a few steps. */
@Tag("lincheck")
class GuardInterleavingTests {

	private static final LockRequest REQUEST = LockRequest.of("key", Duration.ofHours(1));

	@Test
	void aRequestEndsOnceAndAGrantNobodyReceivesIsGivenBack() {
		explore(() -> {
			World world = new World();
			LockAttempt attempt = world.attempt();
			together(() -> attempt.deliver(attempt.hold(world)), () -> attempt.busy("somebody"),
					() -> attempt.failed(new IllegalStateException("closed")));
			int granted = world.acquired.get();
			require(granted + world.refused.get() == 1, "not exactly one end");
			require(world.releases.get() == 1 - granted, "a grant without a receiver is kept, or one with is not");
			if (granted == 1) {
				attempt.future().join().close();
				require(world.releases.get() == 1, "the guard's close did not release");
			}
		});
	}

	@Test
	void oneOfTwoGrantsIsGivenBack() {
		explore(() -> {
			World world = new World();
			LockAttempt attempt = world.attempt();
			together(() -> attempt.deliver(attempt.hold(world)), () -> attempt.deliver(attempt.hold(world)));
			require(world.acquired.get() == 1, "not exactly one guard");
			require(world.releases.get() == 1, "not exactly one grant is given back");
			attempt.future().join().close();
			require(world.releases.get() == 2, "the guard's close did not release");
		});
	}

	@Test
	void aLossIsToldOnceAndAfterTheGrant() {
		explore(() -> {
			World world = new World();
			HeldLock held = world.attempt().hold(world);
			OpenGuard[] guard = new OpenGuard[1];
			together(() -> guard[0] = held.open(Duration.ZERO), () -> held.lose("first"), () -> held.lose("second"));
			require(world.acquired.get() == 1 && world.lost.get() == 1, "the loss was not told exactly once");
			require(world.lossesTooEarly.get() == 0, "the loss was told before the grant");
			require(!guard[0].isHeld(), "a lost guard is held");
			require(world.isLostWhenClosed(guard[0]), "the close of a lost guard succeeded");
			require(world.releases.get() == 1, "a lost guard is released once");
		});
	}

	@Test
	void aGuardIsReleasedOnceAndIsLostOrNot() {
		explore(() -> {
			World world = new World();
			HeldLock held = world.attempt().hold(world);
			OpenGuard guard = held.open(Duration.ZERO);
			AtomicInteger lostCloses = new AtomicInteger();
			Runnable close = () -> {
				if (world.isLostWhenClosed(guard)) {
					lostCloses.incrementAndGet();
				}
			};
			together(close, close, () -> held.lose("taken"));
			require(world.releases.get() == 1 && world.released.get() == 1, "not released exactly once");
			require(lostCloses.get() == world.lost.get(), "the close and the listener disagree about the loss");
			require(!guard.isHeld(), "a closed guard is held");
		});
	}

	/** A claim and a listener that count. */
	private static final class World implements Claim, LockListener {

		private final AtomicInteger acquired = new AtomicInteger();

		private final AtomicInteger refused = new AtomicInteger();

		private final AtomicInteger lost = new AtomicInteger();

		private final AtomicInteger lossesTooEarly = new AtomicInteger();

		private final AtomicInteger released = new AtomicInteger();

		private final AtomicInteger releases = new AtomicInteger();

		LockAttempt attempt() {
			return LockAttempt.blocking(new ManualLockManager(this, (attempt) -> {
			}), REQUEST);
		}

		boolean isLostWhenClosed(OpenGuard guard) {
			try {
				guard.close();
				return false;
			}
			catch (LockLostException ex) {
				return true;
			}
		}

		@Override
		public long fencingToken() {
			return 1;
		}

		@Override
		public boolean isHeld() {
			return true;
		}

		@Override
		public String whyLost() {
			return "it is over";
		}

		@Override
		public boolean isDirty() {
			return false;
		}

		@Override
		public void clearDirty() {
			throw new AssertionError("never dirty");
		}

		@Override
		public CompletableFuture<?> release() {
			this.releases.incrementAndGet();
			return CompletableFuture.completedFuture(null);
		}

		@Override
		public void onAcquired(LockRequest request, long fencingToken, Duration waited) {
			this.acquired.incrementAndGet();
		}

		@Override
		public void onRefused(LockRequest request, Refusal refusal, Duration waited) {
			this.refused.incrementAndGet();
		}

		@Override
		public void onLost(LockRequest request, long fencingToken, String reason) {
			if (this.acquired.get() == 0) {
				this.lossesTooEarly.incrementAndGet();
			}
			this.lost.incrementAndGet();
		}

		@Override
		public void onReleased(LockRequest request, long fencingToken, Duration held) {
			this.released.incrementAndGet();
		}

	}

}
