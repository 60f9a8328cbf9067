package org.crossprocesslock.memory;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.crossprocesslock.Background;
import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.FailingListener;
import org.crossprocesslock.LockMode;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

class KeyedLockTests {

	private static final LockMode EXCLUSIVE = LockMode.EXCLUSIVE;

	private static final LockMode SHARED = LockMode.SHARED_IN_PROCESS;

	private final AtomicLong tenures = new AtomicLong();

	private final KeyedLock<Long> lock = new KeyedLock<>(this.tenures::incrementAndGet);

	private final List<String> told = new ArrayList<>();

	private Turn<Long> enter(String name, LockMode mode, Duration waitTime) {
		return this.lock.enter("key", mode, waitTime, new Named(name));
	}

	private Turn<Long> enter(String name, LockMode mode) {
		return enter(name, mode, Duration.ofHours(1));
	}

	@Test
	void nothingIsKeptOfAKeyThatNobodyHasOrWaitsFor() {
		Turn<Long> first = enter("first", EXCLUSIVE);
		Turn<Long> second = enter("second", EXCLUSIVE);
		enter("busy", SHARED, Duration.ZERO);
		Turn<Long> given = enter("given up", SHARED);
		assertThat(this.lock.keyCount()).isEqualTo(1);
		given.leave();
		first.leave();
		assertThat(this.lock.keyCount()).isEqualTo(1);
		second.leave();
		assertThat(this.lock.keyCount()).isZero();
		assertThat(this.told).containsExactly("first entered", "busy refused", "second entered");
	}

	@Test
	void aWaitThatIsOverLeavesNothingBehind() throws InterruptedException {
		Turn<Long> inside = this.lock.enter("key", EXCLUSIVE, Duration.ZERO, new Named("inside"));
		CountDownLatch refused = new CountDownLatch(1);
		Turn<Long> late = this.lock.enter("key", EXCLUSIVE, Duration.ofMillis(5), new Counting(refused));
		assertThat(refused.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThat(late.isWaiting()).isFalse();
		assertThat(late.isInside()).isFalse();
		late.leave();
		assertThat(inside.isInside()).isTrue();
		inside.leave();
		assertThat(this.lock.keyCount()).isZero();
	}

	@Test
	void whoLeavesWhileWaitingIsToldNothing() {
		Turn<Long> inside = enter("inside", EXCLUSIVE);
		Turn<Long> gone = enter("gone", EXCLUSIVE);
		gone.leave();
		inside.leave();
		assertThat(this.told).containsExactly("inside entered");
		assertThat(gone.isWaiting()).isFalse();
		assertThat(gone.isInside()).isFalse();
	}

	@Test
	void leavingTwiceDoesNotThrowTheNextOut() {
		Turn<Long> first = enter("first", EXCLUSIVE);
		Turn<Long> second = enter("second", EXCLUSIVE);
		first.leave();
		first.leave();
		assertThat(second.isInside()).isTrue();
		assertThat(this.lock.keyCount()).isEqualTo(1);
	}

	@Test
	void everyTenureHasItsOwnObjectThatSharedTurnsHaveInCommon() {
		Turn<Long> exclusive = enter("exclusive", EXCLUSIVE);
		Turn<Long> first = enter("first", SHARED);
		Turn<Long> second = enter("second", SHARED);
		assertThatIllegalStateException().isThrownBy(first::tenure).withMessageContaining("'key'");
		exclusive.leave();
		assertThat(exclusive.tenure()).isEqualTo(1);
		assertThat(first.tenure()).isEqualTo(2);
		assertThat(second.tenure()).isEqualTo(2);
		first.leave();
		Turn<Long> third = enter("third", SHARED);
		assertThat(third.tenure()).isEqualTo(2);
		second.leave();
		third.leave();
		assertThat(enter("fourth", SHARED).tenure()).isEqualTo(3);
	}

	@Test
	void nobodyEntersUntilTheEndOfTheTenureIsDone() {
		Turn<Long> first = enter("first", SHARED);
		Turn<Long> second = enter("second", SHARED);
		CompletableFuture<Void> done = new CompletableFuture<>();
		List<Long> ended = new ArrayList<>();
		assertThat(first.leave((tenure) -> {
			ended.add(tenure);
			return done;
		})).isDone();
		assertThat(ended).as("others are still inside").isEmpty();
		CompletableFuture<Void> passedOn = second.leave((tenure) -> {
			ended.add(tenure);
			return done;
		});
		assertThat(ended).containsExactly(1L);
		Turn<Long> next = enter("next", SHARED);
		assertThat(next.isWaiting()).isTrue();
		enter("busy", SHARED, Duration.ZERO);
		assertThat(passedOn).isNotDone();
		done.complete(null);
		assertThat(passedOn).isCompleted();
		assertThat(next.isInside()).isTrue();
		assertThat(next.tenure()).isEqualTo(2);
		next.leave();
		assertThat(this.lock.keyCount()).isZero();
		assertThat(this.told).containsExactly("first entered", "second entered", "busy refused", "next entered");
	}

	@Test
	void theKeyIsPassedOnEvenIfTheEndOfTheTenureFails() {
		Turn<Long> first = enter("first", EXCLUSIVE);
		Turn<Long> second = enter("second", EXCLUSIVE);
		assertThat(first.leave((tenure) -> CompletableFuture.failedFuture(new IllegalStateException("failed"))))
			.isCompletedExceptionally();
		assertThat(second.isInside()).isTrue();
		assertThat(second.leave((tenure) -> {
			throw new IllegalStateException("thrown");
		})).isCompletedExceptionally();
		assertThat(this.lock.keyCount()).isZero();
	}

	@Test
	void whoLeavesWhileWaitingEndsNoTenure() {
		Turn<Long> inside = enter("inside", EXCLUSIVE);
		Turn<Long> waiting = enter("waiting", EXCLUSIVE);
		assertThat(waiting.leave((tenure) -> {
			throw new AssertionError("not the last of any tenure");
		})).isCompleted();
		assertThat(inside.isInside()).isTrue();
	}

	@Test
	void aTurnIsCollectedLongBeforeItsWaitTimeWouldBeOver() throws InterruptedException {
		Turn<Long> inside = enter("inside", EXCLUSIVE);
		WeakReference<Turn<Long>> left = new WeakReference<>(waitForDays());
		Objects.requireNonNull(left.get()).leave();
		Eventually.until("the turn is collected", () -> {
			System.gc();
			return left.get() == null;
		});
		assertThat(inside.isInside()).isTrue();
	}

	@Test
	void turnsExcludeEachOtherUnderLoad() throws Exception {
		AtomicInteger exclusive = new AtomicInteger();
		AtomicInteger shared = new AtomicInteger();
		AtomicInteger violations = new AtomicInteger();
		List<Background<Integer>> threads = new ArrayList<>();
		for (int thread = 0; thread < 8; thread++) {
			Random random = new Random(thread);
			threads.add(Background.call(() -> {
				int entered = 0;
				for (int i = 0; i < 2000; i++) {
					boolean share = random.nextBoolean();
					CompletableFuture<Boolean> answer = new CompletableFuture<>();
					Turn<Long> turn = this.lock.enter("key", share ? SHARED : EXCLUSIVE,
							Duration.ofNanos(random.nextInt(3) * 200_000L), new Answering(answer));
					if (random.nextInt(10) != 0 && answer.get()) {
						entered++;
						(share ? shared : exclusive).incrementAndGet();
						if (exclusive.get() > 1 || (exclusive.get() == 1 && shared.get() > 0)) {
							violations.incrementAndGet();
						}
						if (ThreadLocalRandom.current().nextInt(4) == 0) {
							TimeUnit.MICROSECONDS.sleep(50);
						}
						(share ? shared : exclusive).decrementAndGet();
					}
					turn.leave();
				}
				return entered;
			}));
		}
		for (Background<Integer> thread : threads) {
			assertThat(thread.join()).isPositive();
		}
		assertThat(violations).hasValue(0);
		assertThat(this.lock.keyCount()).isZero();
	}

	private Turn<Long> waitForDays() {
		return enter("forgotten", EXCLUSIVE, Duration.ofDays(3));
	}

	private final class Named implements KeyedLock.Waiter<Long> {

		private final String name;

		Named(String name) {
			this.name = name;
		}

		@Override
		public void entered(Turn<Long> turn) {
			KeyedLockTests.this.told.add(this.name + " entered");
		}

		@Override
		public void refused() {
			KeyedLockTests.this.told.add(this.name + " refused");
		}

	}

	private record Counting(CountDownLatch refusals) implements KeyedLock.Waiter<Long> {

		@Override
		public void entered(Turn<Long> turn) {
			throw new AssertionError("entered");
		}

		@Override
		public void refused() {
			this.refusals.countDown();
		}

	}

	private record Answering(CompletableFuture<Boolean> answer) implements KeyedLock.Waiter<Long> {

		@Override
		public void entered(Turn<Long> turn) {
			this.answer.complete(true);
		}

		@Override
		public void refused() {
			this.answer.complete(false);
		}

	}

	@Test
	void aTenureThatMayNotBeJoinedEndsBeforeOthersShare() {
		boolean[] joinable = { true };
		KeyedLock<Long> picky = new KeyedLock<>(this.tenures::incrementAndGet, (tenure) -> joinable[0]);
		List<Turn<Long>> entered = new ArrayList<>();
		KeyedLock.Waiter<Long> waiter = new KeyedLock.Waiter<>() {

			@Override
			public void entered(Turn<Long> turn) {
				entered.add(turn);
			}

			@Override
			public void refused() {
				throw new AssertionError("nobody's time is over");
			}

		};
		Turn<Long> first = picky.enter("key", LockMode.SHARED_IN_PROCESS, Duration.ofHours(1), waiter);
		Turn<Long> second = picky.enter("key", LockMode.SHARED_IN_PROCESS, Duration.ofHours(1), waiter);
		assertThat(picky.isWaitedFor("key")).isFalse();
		joinable[0] = false;
		Turn<Long> third = picky.enter("key", LockMode.SHARED_IN_PROCESS, Duration.ofHours(1), waiter);
		assertThat(entered).containsExactly(first, second);
		assertThat(picky.isWaitedFor("key")).isTrue();
		first.leave();
		assertThat(third.isWaiting()).isTrue();
		second.leave();
		assertThat(entered).containsExactly(first, second, third);
		assertThat(third.tenure()).isGreaterThan(second.tenure());
		third.leave();
		assertThat(picky.keyCount()).isZero();
		assertThat(picky.isWaitedFor("key")).isFalse();
	}

	@Test
	void aTenureGoesOnOnlyWhileSomebodyWaits() {
		KeyedLock<Long> lasting = new KeyedLock<>(this.tenures::incrementAndGet, (tenure) -> true, (tenure) -> true);
		List<Long> ended = new ArrayList<>();
		Turn<Long> first = lasting.enter("key", EXCLUSIVE, Duration.ofHours(1), new Named("first"));
		Turn<Long> second = lasting.enter("key", EXCLUSIVE, Duration.ofHours(1), new Named("second"));
		for (Turn<Long> turn : List.of(first, second)) {
			assertThat(ended).isEmpty();
			assertThat(turn.tenure()).isOne();
			assertThat(turn.leave((tenure) -> {
				ended.add(tenure);
				return CompletableFuture.completedFuture(null);
			})).isCompleted();
		}
		assertThat(ended).containsExactly(1L);
		assertThat(lasting.keyCount()).isZero();
	}

	@Test
	void aWaiterThatFailsLeavesTheKeyToTheNext() {
		Turn<Long> failing = this.lock.enter("key", LockMode.EXCLUSIVE, Duration.ofHours(1), new Failing());
		assertThat(failing.isInside()).isFalse();
		assertThat(this.lock.keyCount()).isZero();
	}

	@Test
	void aWaiterThatFailsLeavesTheKeyAlsoIfTheLogIsBroken() {
		try (BrokenLog log = new BrokenLog(KeyedLock.class)) {
			Turn<Long> first = enter("first", EXCLUSIVE);
			this.lock.enter("key", SHARED, Duration.ofHours(1), new Failing());
			enter("next", SHARED);
			first.leave();
			assertThat(log.asked()).hasSizeLessThanOrEqualTo(1);
		}
		assertThat(this.told).containsExactly("first entered", "next entered");
	}

	private static final class Failing implements KeyedLock.Waiter<Long> {

		@Override
		public void entered(Turn<Long> turn) {
			throw FailingListener.<RuntimeException>sneaky(new IOException("checked"));
		}

		@Override
		public void refused() {
			throw new AssertionError("nobody's time is over");
		}

	}

}
