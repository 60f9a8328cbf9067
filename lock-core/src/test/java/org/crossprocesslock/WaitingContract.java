package org.crossprocesslock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/** Waiting, its order and its end. */
interface WaitingContract extends ContractFixture {

	static Stream<Duration> hugeWaitTimes() {
		return Stream.of(Duration.ofNanos(Long.MAX_VALUE - 1), Duration.ofNanos(Long.MAX_VALUE),
				Duration.ofMillis(Long.MAX_VALUE), Duration.ofSeconds(Long.MAX_VALUE),
				Duration.ofSeconds(Long.MAX_VALUE, 999_999_999), Duration.ofDays(36500));
	}

	@Test
	default void aWaitWithoutTimeTimesOutAtOnce() {
		try (LockGuard guard = acquire()) {
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> manager().lock(key(), Duration.ZERO))
				.withMessageContaining("'" + key() + "'")
				.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(key()));
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Test
	default void aWaitThatWasTooShortTimesOutAfterIt() throws InterruptedException {
		Duration waitTime = Duration.ofMillis(60);
		try (LockGuard guard = acquire()) {
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> manager().lock(key(), waitTime))
				.satisfies((ex) -> assertThat(ex.getWaited()).isGreaterThanOrEqualTo(waitTime));
			assertThat(manager().tryLock(request(waitTime))).isEmpty();
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Test
	default void aWaitThatIsOverIsNotServedAnyMore() {
		try (LockGuard guard = acquire()) {
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> manager().lock(guard.key(), Duration.ofMillis(30)));
		}
		assertThat(isFree()).isTrue();
	}

	@Test
	default void aFreeKeyIsGrantedHoweverShortTheWait() throws InterruptedException {
		manager().lock(key(), Duration.ZERO).close();
		manager().lock(key(), Duration.ofNanos(1)).close();
		assertThat(manager().tryLock(request(Duration.ZERO))).hasValueSatisfying(LockGuard::close);
	}

	@Test
	default void aWaiterGetsTheKeyWhenItIsReleased() throws Exception {
		LockGuard guard = acquire();
		Background<LockGuard> waiter = Background.call(() -> manager().lock(key(), Eventually.LIMIT)).untilItWaits();
		assertThat(waiter.isDone()).isFalse();
		guard.close();
		try (LockGuard next = waiter.join()) {
			assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
		}
	}

	@Test
	default void waitersAreServedInTheOrderOfTheirArrival() throws Exception {
		LockGuard guard = acquire();
		List<Integer> served = Collections.synchronizedList(new ArrayList<>());
		List<CompletableFuture<Void>> waiters = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			int number = i;
			waiters.add(manager().lockAsync(request(Eventually.LIMIT)).thenAccept((next) -> {
				served.add(number);
				next.close();
			}));
		}
		assertThat(served).isEmpty();
		guard.close();
		for (CompletableFuture<Void> waiter : waiters) {
			waiter.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		}
		assertThat(served).hasSize(20).isSorted();
	}

	@Test
	default void aRequestWithoutWaitTimeDoesNotOvertakeWaiters() throws Exception {
		LockGuard guard = acquire();
		CompletableFuture<LockGuard> waiter = manager().lockAsync(request(Eventually.LIMIT));
		assertThat(manager().tryLock(key())).isEmpty();
		guard.close();
		LockGuard next = waiter.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		assertThat(manager().tryLock(key())).isEmpty();
		next.close();
	}

	@ParameterizedTest
	@MethodSource("hugeWaitTimes")
	default void aHugeWaitTimeDoesNotOverflow(Duration huge) throws Exception {
		LockGuard guard = acquire();
		Background<LockGuard> waiter = Background.call(() -> manager().lock(key(), huge)).untilItWaits();
		assertThat(waiter.isDone()).isFalse();
		guard.close();
		waiter.join().close();
		manager().lock(key(), huge).close();
	}

	@Test
	default void aNegativeWaitTimeIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> manager().lock(key(), Duration.ofNanos(-1)))
			.withMessageContaining(key())
			.withMessageContaining("negative");
		assertThat(isFree()).isTrue();
	}

}
