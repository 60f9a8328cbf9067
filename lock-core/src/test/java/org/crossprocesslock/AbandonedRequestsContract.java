package org.crossprocesslock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests that are given up, or meet the close of their manager, at the very moment of
 * their grant. On real threads, since these ends come on threads of the library's own.
 */
public abstract class AbandonedRequestsContract {

	private static final int THREADS = 4;

	private static final int ROUNDS = 1500;

	private static final int CLOSES = 150;

	private final Counting ends = new Counting();

	private final AtomicInteger inside = new AtomicInteger();

	private final AtomicInteger violations = new AtomicInteger();

	private final LockRequest request = LockRequest.of("abandoned-requests", Eventually.LIMIT);

	/**
	 * Makes a manager.
	 * @param listener the listener of the manager
	 * @return a manager that excludes all others of the same test
	 */
	protected abstract LockManager newManager(LockListener listener);

	@Test
	void aRequestThatIsGivenUpAtAnyMomentLeavesNothingBehind() throws Exception {
		try (LockManager manager = newManager(this.ends)) {
			List<Background<Integer>> threads = new ArrayList<>();
			for (int thread = 0; thread < THREADS; thread++) {
				Random random = new Random(thread);
				threads.add(Background.call(() -> requestAndGiveUp(manager, random)));
			}
			int received = 0;
			for (Background<Integer> thread : threads) {
				received += thread.join();
			}
			assertThat(received).isBetween(1, THREADS * ROUNDS - 1);
			assertThat(this.violations).as("two guards at once").hasValue(0);
			manager.lock(this.request).close();
		}
		int requested = THREADS * ROUNDS + 1;
		Eventually.until("each request has its end and each guard its release",
				() -> this.ends.acquired.get() + this.ends.refused.get() == requested
						&& this.ends.released.get() == this.ends.acquired.get());
		assertThat(this.ends.requested).hasValue(requested);
	}

	/** Answers how many guards were received. */
	private int requestAndGiveUp(LockManager manager, Random random) throws Exception {
		int received = 0;
		for (int round = 0; round < ROUNDS; round++) {
			CompletableFuture<LockGuard> future = manager.lockAsync(this.request);
			if (random.nextInt(3) == 0) {
				use(future.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS));
				received++;
				continue;
			}
			spin(random.nextInt(20_000));
			if (!future.cancel(true)) {
				use(future.join());
				received++;
			}
		}
		return received;
	}

	@Test
	void aRequestThatMeetsTheCloseOfItsManagerHoldsNothingAfterwards() throws Exception {
		Random random = new Random(1);
		try (LockManager other = newManager(new Counting())) {
			for (int round = 0; round < CLOSES; round++) {
				LockManager closing = newManager(new Counting());
				CountDownLatch closed = new CountDownLatch(1);
				List<Background<Boolean>> threads = new ArrayList<>();
				for (int thread = 0; thread < THREADS; thread++) {
					threads.add(Background.call(() -> isHeldAfter(closed, closing)));
				}
				spin(random.nextInt(1_000_000));
				closing.close();
				// free at once, although guards are still open
				other.lock(this.request).close();
				closed.countDown();
				for (Background<Boolean> thread : threads) {
					assertThat(thread.join()).as("held after the close").isFalse();
				}
			}
		}
	}

	@Test
	void aRequestThatBeginsToWaitWhileItsManagerIsClosedEnds() throws Exception {
		Random random = new Random(2);
		CountDownLatch never = new CountDownLatch(1);
		try (LockManager other = newManager(new Counting()); LockGuard guard = other.lock(this.request)) {
			for (int round = 0; round < CLOSES; round++) {
				LockManager closing = newManager(new Counting());
				List<Background<Boolean>> threads = new ArrayList<>();
				for (int thread = 0; thread < THREADS; thread++) {
					threads.add(Background.call(() -> isHeldAfter(never, closing)));
				}
				spin(random.nextInt(500_000));
				closing.close();
				for (Background<Boolean> thread : threads) {
					assertThat(thread.join()).as("granted although another has the key").isFalse();
				}
			}
			assertThat(guard.isHeld()).isTrue();
		}
	}

	private boolean isHeldAfter(CountDownLatch closed, LockManager closing) throws InterruptedException {
		try (LockGuard guard = closing.lock(this.request)) {
			assertThat(closed.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			return guard.isHeld();
		}
		catch (LockLostException | IllegalStateException ex) {
			return false;
		}
	}

	private void use(LockGuard guard) {
		try (guard) {
			if (this.inside.incrementAndGet() != 1) {
				this.violations.incrementAndGet();
			}
			Thread.onSpinWait();
			this.inside.decrementAndGet();
		}
	}

	private static void spin(int nanos) {
		long until = System.nanoTime() + nanos;
		while (System.nanoTime() - until < 0) {
			Thread.onSpinWait();
		}
	}

	private static final class Counting implements LockListener {

		private final AtomicInteger requested = new AtomicInteger();

		private final AtomicInteger acquired = new AtomicInteger();

		private final AtomicInteger refused = new AtomicInteger();

		private final AtomicInteger released = new AtomicInteger();

		@Override
		public void onRequested(LockRequest request) {
			this.requested.incrementAndGet();
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
		public void onReleased(LockRequest request, long fencingToken, Duration held) {
			this.released.incrementAndGet();
		}

	}

}
