package org.crossprocesslock;

import java.time.Duration;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Interrupted threads. */
interface InterruptContract extends ContractFixture {

	@Test
	default void anInterruptedWaiterHoldsNothing() throws Exception {
		LockGuard guard = acquire();
		Background<Boolean> waiter = Background.call(() -> {
			assertThatExceptionOfType(InterruptedException.class)
				.isThrownBy(() -> manager().lock(key(), Eventually.LIMIT));
			return Thread.currentThread().isInterrupted();
		}).untilItWaits();
		waiter.interrupt();
		assertThat(waiter.join()).as("flag after the exception").isFalse();
		guard.close();
		assertThat(isFree()).isTrue();
	}

	@Test
	default void theNextWaiterPassesAnInterruptedOne() throws Exception {
		LockGuard guard = acquire();
		Background<LockGuard> interrupted = Background.call(() -> manager().lock(key(), Eventually.LIMIT))
			.untilItWaits();
		Background<LockGuard> next = Background.call(() -> manager().lock(key(), Eventually.LIMIT)).untilItWaits();
		interrupted.interrupt();
		assertThatExceptionOfType(InterruptedException.class).isThrownBy(interrupted::join);
		guard.close();
		next.join().close();
	}

	@Test
	default void anInterruptBeforeTheRequestEndsIt() {
		try {
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class)
				.isThrownBy(() -> manager().lock(key(), Duration.ZERO));
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
			Thread.currentThread().interrupt();
			assertThatExceptionOfType(InterruptedException.class)
				.isThrownBy(() -> manager().tryLock(request(Eventually.LIMIT)));
			assertThat(Thread.currentThread().isInterrupted()).isFalse();
		}
		finally {
			Thread.interrupted();
		}
		assertThat(isFree()).isTrue();
	}

	@Test
	default void oneAttemptWorksInAnInterruptedThreadAndKeepsTheFlag() {
		try {
			Thread.currentThread().interrupt();
			Optional<LockGuard> guard = manager().tryLock(key());
			assertThat(guard).isPresent();
			assertThat(manager().tryLock(key())).isEmpty();
			guard.orElseThrow().close();
			assertThat(Thread.interrupted()).isTrue();
		}
		finally {
			Thread.interrupted();
		}
		assertThat(isFree()).isTrue();
	}

	@Test
	default void nothingIsHeldHoweverAnInterruptMeetsAGrant() throws Exception {
		for (int i = 0; i < 200; i++) {
			LockGuard guard = acquire();
			Background<Boolean> waiter = Background.call(() -> {
				try {
					manager().lock(key(), Eventually.LIMIT).close();
					return true;
				}
				catch (InterruptedException ex) {
					return false;
				}
			});
			if (i % 2 == 0) {
				waiter.untilItWaits();
			}
			Background<Boolean> closer = Background.call(() -> {
				guard.close();
				return true;
			});
			waiter.interrupt();
			closer.join();
			waiter.join();
			Eventually.until("what the interrupted thread was granted is given back", this::isFree);
		}
	}

}
