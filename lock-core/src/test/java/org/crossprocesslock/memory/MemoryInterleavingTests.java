package org.crossprocesslock.memory;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockMode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.crossprocesslock.Interleavings.explore;
import static org.crossprocesslock.Interleavings.require;
import static org.crossprocesslock.Interleavings.together;

/** Locks in memory under every order of a few steps. */
@Tag("lincheck")
class MemoryInterleavingTests {

	private static final Duration FOR_EVER = Duration.ofSeconds(Long.MAX_VALUE);

	@Test
	void oneAtATimeIsInsideAndNothingIsKept() {
		explore(() -> {
			KeyedLock<Integer> lock = new KeyedLock<>(() -> 1);
			Inside inside = new Inside();
			together(() -> inside.comeAndGo(lock), () -> inside.comeAndGo(lock));
			require(inside.entered.get() == 2, "somebody waits for ever");
			require(lock.keyCount() == 0, "a free key is kept");
		});
	}

	@Test
	void whoCameFirstIsServedFirst() {
		explore(() -> {
			KeyedLock<Integer> lock = new KeyedLock<>(() -> 1);
			Told told = new Told();
			Turn<Integer> first = lock.enter("key", LockMode.EXCLUSIVE, FOR_EVER, told);
			AtomicReference<@Nullable Turn<Integer>> second = new AtomicReference<>();
			together(first::leave, () -> {
				Turn<Integer> earlier = lock.enter("key", LockMode.EXCLUSIVE, FOR_EVER, told);
				second.set(earlier);
				Turn<Integer> later = lock.enter("key", LockMode.EXCLUSIVE, FOR_EVER, told);
				require(!later.isInside(), "the later one overtook");
				earlier.leave();
				later.leave();
			});
			require(lock.keyCount() == 0, "a free key is kept");
		});
	}

	@Test
	void whoGivesUpWhileTheTurnBeginsIsEitherToldOrNot() {
		explore(() -> {
			KeyedLock<Integer> lock = new KeyedLock<>(() -> 1);
			Told told = new Told();
			Turn<Integer> first = lock.enter("key", LockMode.EXCLUSIVE, FOR_EVER, new Told());
			Turn<Integer> waiting = lock.enter("key", LockMode.EXCLUSIVE, FOR_EVER, told);
			together(first::leave, waiting::leave);
			require(told.entered.get() <= 1 && told.refused.get() == 0, "told more than once");
			require(!waiting.isInside() && !waiting.isWaiting(), "a turn that was left goes on");
			require(lock.keyCount() == 0, "a free key is kept");
		});
	}

	@Test
	void nobodyEntersWhileTheEndOfATenureIsUnderWay() {
		explore(() -> {
			KeyedLock<Integer> lock = new KeyedLock<>(() -> 1);
			AtomicInteger ending = new AtomicInteger();
			AtomicInteger early = new AtomicInteger();
			Turn<Integer> first = lock.enter("key", LockMode.SHARED_IN_PROCESS, FOR_EVER, new Told());
			Turn<Integer> second = lock.enter("key", LockMode.SHARED_IN_PROCESS, FOR_EVER, new Told());
			Runnable[] leaving = { () -> end(first, ending), () -> end(second, ending) };
			together(leaving[0], leaving[1], () -> {
				Turn<Integer> next = lock.enter("key", LockMode.EXCLUSIVE, Duration.ZERO, new Told());
				if (next.isInside() && ending.get() != 2) {
					early.incrementAndGet();
				}
				next.leave();
			});
			require(early.get() == 0, "somebody was let in before the end was done");
			require(ending.get() == 2, "the end of the tenure was not done exactly once");
			require(lock.keyCount() == 0, "a free key is kept");
		});
	}

	@Test
	void aTenureGoesOnWithWhoWaitsAndIsEndedOnce() {
		explore(() -> {
			AtomicInteger begun = new AtomicInteger();
			KeyedLock<Integer> lock = new KeyedLock<>(begun::incrementAndGet, (tenure) -> true, (tenure) -> true);
			AtomicInteger ending = new AtomicInteger();
			Turn<Integer> first = lock.enter("key", LockMode.EXCLUSIVE, FOR_EVER, new Told());
			Turn<Integer> second = lock.enter("key", LockMode.EXCLUSIVE, FOR_EVER, new Told());
			// the second one gives up, or has had the tenure of the first
			together(() -> end(first, ending), () -> end(second, ending));
			require(begun.get() == 1, "a tenure was not gone on with");
			require(ending.get() == 2, "the end of the tenure was not done exactly once");
			require(lock.keyCount() == 0, "a free key is kept");
		});
	}

	@Test
	void aGrantMeetsTheCloseOfItsManagerWithoutALeak() {
		explore(() -> {
			MemoryLockManager closing = new MemoryLockManager();
			AtomicReference<@Nullable LockGuard> granted = new AtomicReference<>();
			together(() -> {
				try {
					granted.set(closing.tryLock("key").orElse(null));
				}
				catch (IllegalStateException ex) {
					// closed before
				}
			}, closing::close);
			LockGuard guard = granted.get();
			if (guard != null) {
				require(!guard.isHeld(), "held after the close");
				require(isLostWhenClosed(guard), "the close of a lost guard succeeded");
			}
			try (MemoryLockManager other = new MemoryLockManager()) {
				LockGuard next = other.tryLock("key").orElse(null);
				require(next != null, "the key stays with a manager that is closed");
				if (next != null) {
					next.close();
				}
			}
		});
	}

	private static boolean isLostWhenClosed(LockGuard guard) {
		try {
			guard.close();
			return false;
		}
		catch (LockLostException ex) {
			return true;
		}
	}

	private static void end(Turn<Integer> turn, AtomicInteger ending) {
		var unused = turn.leave((tenure) -> {
			ending.incrementAndGet();
			ending.incrementAndGet();
			return CompletableFuture.completedFuture(null);
		});
	}

	/** Hears what becomes of a turn. */
	private static final class Told implements KeyedLock.Waiter<Integer> {

		private final AtomicInteger entered = new AtomicInteger();

		private final AtomicInteger refused = new AtomicInteger();

		@Override
		public void entered(Turn<Integer> turn) {
			this.entered.incrementAndGet();
		}

		@Override
		public void refused() {
			this.refused.incrementAndGet();
		}

	}

	/** Counts who is inside, and leaves at once. */
	private static final class Inside implements KeyedLock.Waiter<Integer> {

		private final AtomicInteger present = new AtomicInteger();

		private final AtomicInteger entered = new AtomicInteger();

		void comeAndGo(KeyedLock<Integer> lock) {
			lock.enter("key", LockMode.EXCLUSIVE, FOR_EVER, this);
		}

		@Override
		public void entered(Turn<Integer> turn) {
			require(this.present.incrementAndGet() == 1, "two are inside");
			this.entered.incrementAndGet();
			this.present.decrementAndGet();
			turn.leave();
		}

		@Override
		public void refused() {
			throw new AssertionError("refused although it waits for ever");
		}

	}

}
