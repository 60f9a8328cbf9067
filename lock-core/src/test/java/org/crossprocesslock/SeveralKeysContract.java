package org.crossprocesslock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;

/** Several keys in one call. */
interface SeveralKeysContract extends ContractFixture {

	/** Keys of this test in their order. */
	private List<String> keys(int count) {
		return IntStream.range(0, count).mapToObj((i) -> String.format(Locale.ROOT, "%s.%03d", key(), i)).toList();
	}

	private boolean areFree(List<String> keys) {
		List<LockGuard> guards = keys.stream().map(manager()::tryLock).flatMap(Optional::stream).toList();
		guards.forEach(LockGuard::close);
		return guards.size() == keys.size();
	}

	@Test
	default void allKeysAreHeldUntilTheyCloseTogether() throws InterruptedException {
		List<String> keys = keys(3);
		List<String> asked = List.of(keys.get(2), keys.get(0), keys.get(1), keys.get(0));
		LockGuards guards = manager().lockAll(asked, Duration.ZERO);
		assertThat(guards.keys()).isEqualTo(keys);
		assertThat(guards.isHeld()).isTrue();
		guards.checkHeld();
		for (String key : keys) {
			assertThat(guards.guard(key).key()).isEqualTo(key);
			assertThat(guards.guard(key).fencingToken()).isPositive();
			assertThat(manager().tryLock(key)).isEmpty();
		}
		assertThatIllegalArgumentException().isThrownBy(() -> guards.guard(key()))
			.withMessageContaining(key() + "'")
			.withMessageContaining(keys.get(1));
		guards.close();
		guards.close();
		assertThat(guards.isHeld()).isFalse();
		assertThatIllegalStateException().isThrownBy(guards::checkHeld).withMessageContaining("closed");
		assertThat(areFree(keys)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 3 })
	default void oneBusyKeyKeepsAll(int busy) throws InterruptedException {
		List<String> keys = keys(4);
		try (LockGuard guard = manager().tryLock(keys.get(busy)).orElseThrow()) {
			List<String> others = keys.stream().filter((key) -> !key.equals(guard.key())).toList();
			for (Duration waitTime : new Duration[] { Duration.ZERO, Duration.ofMillis(100) }) {
				assertThatExceptionOfType(LockTimeoutException.class)
					.isThrownBy(() -> manager().lockAll(keys, waitTime))
					.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(guard.key()))
					.satisfies((ex) -> assertThat(ex.getWaited()).isGreaterThanOrEqualTo(waitTime));
				Eventually.until("the others are free", () -> areFree(others));
			}
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 3 })
	default void whatIsBusyIsWaitedFor(int busy) throws Exception {
		List<String> keys = keys(4);
		LockGuard guard = manager().tryLock(keys.get(busy)).orElseThrow();
		Background<LockGuards> waiter = Background.call(() -> manager().lockAll(keys, Eventually.LIMIT)).untilItWaits();
		// whoever waits holds only what comes before
		List<String> behind = keys.subList(busy + 1, keys.size());
		Eventually.until("keys behind the busy one are free", () -> areFree(behind));
		assertThat(waiter.isDone()).isFalse();
		guard.close();
		try (LockGuards all = waiter.join()) {
			assertThat(all.isHeld()).isTrue();
			assertThat(all.keys()).isEqualTo(keys);
		}
	}

	@Test
	default void anInterruptedCallHoldsNoneOfItsKeys() throws Exception {
		List<String> keys = keys(3);
		try (LockGuard guard = manager().tryLock(keys.get(2)).orElseThrow()) {
			Background<LockGuards> waiter = Background.call(() -> manager().lockAll(keys, Eventually.LIMIT))
				.untilItWaits();
			waiter.interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(waiter::join);
			assertThat(guard.isHeld()).isTrue();
			Eventually.until("the others are free", () -> areFree(keys.subList(0, 2)));
		}
	}

	@Test
	default void noTwoCallsWaitForEachOtherWhateverTheOrder() throws Exception {
		takeTurns(manager(), manager());
	}

	@Test
	default void noTwoProcessesWaitForEachOtherWhateverTheOrder() throws Exception {
		Optional<LockManager> other = anotherProcess();
		assumeThat(other).isPresent();
		takeTurns(manager(), other.orElseThrow());
	}

	private void takeTurns(LockManager one, LockManager other) throws Exception {
		List<String> keys = keys(3);
		int[] counter = new int[1];
		List<Background<Integer>> callers = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			LockManager manager = (i % 2 == 0) ? one : other;
			List<String> asked = new ArrayList<>(keys);
			Collections.rotate(asked, i);
			if (i >= 2) {
				Collections.reverse(asked);
			}
			callers.add(Background.call(() -> {
				for (int turn = 0; turn < 10; turn++) {
					try (LockGuards guards = manager.lockAll(asked, Eventually.LIMIT)) {
						int seen = counter[0];
						LockSupport.parkNanos(1000);
						counter[0] = seen + 1;
						guards.checkHeld();
					}
				}
				return 10;
			}));
		}
		for (Background<Integer> caller : callers) {
			caller.join();
		}
		assertThat(counter[0]).isEqualTo(40);
	}

	@Test
	default void anExclusiveRequestCountsMoreThanASharedOneForTheSameKey() throws InterruptedException {
		LockRequest exclusive = request(Duration.ZERO);
		LockRequest shared = exclusive.withMode(LockMode.SHARED_IN_PROCESS);
		for (List<LockRequest> both : List.of(List.of(shared, exclusive), List.of(exclusive, shared))) {
			try (LockGuards guards = manager().lockAll(both)) {
				assertThat(manager().tryLock(shared)).isEmpty();
				assertThat(guards.keys()).containsExactly(key());
			}
		}
	}

	@Test
	default void nothingAndTooMuchIsRefused() throws InterruptedException {
		assertThatIllegalArgumentException().isThrownBy(() -> manager().lockAll(List.of(), Duration.ZERO))
			.withMessageContaining("no key");
		List<String> keys = keys(LockGuards.MAX_KEYS + 1);
		assertThatIllegalArgumentException().isThrownBy(() -> manager().lockAll(keys, Duration.ZERO))
			.withMessageContaining("101 keys are more than 100")
			.withMessageContaining(keys.get(0))
			.withMessageContaining(keys.get(100));
		List<String> most = Stream.concat(keys.stream().limit(100), keys.stream().limit(50)).toList();
		try (LockGuards guards = manager().lockAll(most, Eventually.LIMIT)) {
			assertThat(guards.keys()).hasSize(100);
		}
	}

	/** It would be kept although another key is busy and nothing is done. */
	@Test
	default void noneOfSeveralKeysIsHeldAtLeast() {
		LockRequest held = request(Duration.ZERO).holdingAtLeast(Duration.ofMinutes(1));
		LockRequest other = LockRequest.of(keys(1).get(0), Duration.ZERO);
		assertThatIllegalArgumentException().isThrownBy(() -> manager().lockAll(List.of(other, held)))
			.withMessageContaining("'" + key() + "'")
			.withMessageContaining("PT1M");
		assertThat(LockOrder.of(List.of(request(Duration.ZERO), held))).containsExactly(held);
		assertThat(isFree()).isTrue();
	}

	@Test
	default void aLossIsToldOnceAndEndsTheClose() throws InterruptedException {
		List<String> told = Collections.synchronizedList(new ArrayList<>());
		LockGuards guards = manager().lockAll(keys(3), Duration.ZERO);
		guards.onLost(() -> told.add("lost"));
		manager().close();
		assertThat(guards.isHeld()).isFalse();
		Eventually.until("the loss is told", () -> !told.isEmpty());
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guards::close)
			.satisfies((ex) -> assertThat(ex.getSuppressed()).hasSize(2))
			.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(keys(3).get(0)));
		guards.close();
		assertThat(told).containsExactly("lost");
	}

	private List<LockRequest> requests(List<String> keys, Duration waitTime) {
		return keys.stream().map((key) -> LockRequest.of(key, waitTime)).toList();
	}

	private static <T> T get(CompletableFuture<T> future) throws Exception {
		return future.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 3 })
	default void aPromiseOfAllWaitsForWhatIsBusy(int busy) throws Exception {
		List<String> keys = keys(4);
		LockGuard guard = manager().tryLock(keys.get(busy)).orElseThrow();
		CompletableFuture<LockGuards> promise = manager().lockAllAsync(requests(keys, Eventually.LIMIT));
		List<String> before = keys.subList(0, busy);
		Eventually.until("what comes before is held", () -> before.stream().allMatch(this::isHeld));
		Eventually.until("what comes behind is free", () -> areFree(keys.subList(busy + 1, 4)));
		assertThat(promise).isNotDone();
		guard.close();
		LockGuards guards = get(promise);
		assertThat(guards.keys()).isEqualTo(keys);
		assertThat(guards.isHeld()).isTrue();
		get(guards.closeAsync());
		assertThat(areFree(keys)).isTrue();
	}

	private boolean isHeld(String key) {
		Optional<LockGuard> guard = manager().tryLock(key);
		guard.ifPresent(LockGuard::close);
		return guard.isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 3 })
	default void aPromiseOfAllFailsWhenItsWaitIsOver(int busy) throws InterruptedException {
		List<String> keys = keys(4);
		try (LockGuard guard = manager().tryLock(keys.get(busy)).orElseThrow()) {
			List<String> others = keys.stream().filter((key) -> !key.equals(guard.key())).toList();
			for (Duration waitTime : new Duration[] { Duration.ZERO, Duration.ofMillis(100) }) {
				assertThatExceptionOfType(ExecutionException.class)
					.isThrownBy(() -> get(manager().lockAllAsync(requests(keys, waitTime))))
					.havingCause()
					.isInstanceOf(LockTimeoutException.class)
					.withMessageContaining("'" + guard.key() + "'");
				Eventually.until("the others are free", () -> areFree(others));
			}
		}
	}

	@Test
	default void nothingIsHeldHoweverTheCancellationOfAPromiseMeetsAGrant() throws Exception {
		List<String> keys = keys(3);
		for (int i = 0; i < 100; i++) {
			LockGuard guard = manager().tryLock(keys.get(1)).orElseThrow();
			CompletableFuture<LockGuards> promise = manager().lockAllAsync(requests(keys, Eventually.LIMIT));
			Background<Boolean> closer = Background.call(() -> {
				guard.close();
				return true;
			});
			if (!promise.cancel(true)) {
				get(promise).close();
			}
			closer.join();
			Eventually.until("what nobody received is given back", () -> areFree(keys));
		}
	}

	@Test
	default void aPromiseOfWhatCannotBeLockedIsRefusedAtOnce() {
		assertThatIllegalArgumentException().isThrownBy(() -> manager().lockAllAsync(List.of()));
	}

	@Test
	default void aPromiseOfAClosedManagerFails() {
		List<LockRequest> requests = requests(keys(2), Duration.ZERO);
		manager().close();
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> get(manager().lockAllAsync(requests)))
			.havingCause()
			.isInstanceOf(IllegalStateException.class)
			.withMessageContaining("closed");
	}

}
