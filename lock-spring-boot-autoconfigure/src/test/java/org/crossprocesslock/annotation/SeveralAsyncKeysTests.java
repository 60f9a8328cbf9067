package org.crossprocesslock.annotation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for several keys of methods whose work goes on after they have returned.
 */
class SeveralAsyncKeysTests {

	private final MemoryLockManager locks = new MemoryLockManager();

	private final CompletableFuture<String> work = new CompletableFuture<>();

	private void run(LockManager manager, TransfersCheck check) {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
			.withBean(LockManager.class, () -> manager)
			.withBean(Transfers.class)
			.run((context) -> check.accept(context.getBean(Transfers.class)));
	}

	private boolean isFree(String... keys) {
		List<LockGuard> guards = Stream.of(keys).map(this.locks::tryLock).flatMap(Optional::stream).toList();
		guards.forEach(LockGuard::close);
		return guards.size() == keys.length;
	}

	private long waiting() {
		return this.locks.inspection().orElseThrow().report(0).requests();
	}

	private static <T> T get(Future<T> future) throws Exception {
		return future.get(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS);
	}

	@ParameterizedTest
	@EnumSource
	void allAreHeldUntilTheWorkIsDone(Kind kind) {
		run(this.locks, (transfers) -> {
			AtomicInteger begun = new AtomicInteger();
			CompletableFuture<String> answer = kind.call(transfers, List.of("b", "a"), () -> {
				begun.incrementAndGet();
				return this.work;
			});
			CompletableFuture<Boolean> freeAfterIt = answer.thenApply((value) -> isFree("a", "b"));
			Soon.until(() -> begun.get() == 1);
			assertThat(isFree("a")).isFalse();
			assertThat(isFree("b")).isFalse();
			this.work.complete("done");
			assertThat(get(answer)).isEqualTo("done");
			assertThat(get(freeAfterIt)).isTrue();
		});
	}

	@ParameterizedTest
	@EnumSource
	void oneBusyKeyKeepsAll(Kind kind) {
		run(this.locks, (transfers) -> {
			for (String busy : List.of("a", "b", "c")) {
				try (LockGuard guard = this.locks.tryLock(busy).orElseThrow()) {
					CompletableFuture<String> answer = kind.call(transfers, List.of("c", "b", "a"), () -> this.work);
					assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> get(answer))
						.havingCause()
						.isInstanceOf(LockTimeoutException.class)
						.withMessageContaining("'" + guard.key() + "'");
				}
				Soon.until(() -> isFree("a", "b", "c"));
			}
		});
	}

	@ParameterizedTest
	@EnumSource
	void lossOfOneIsTold(Kind kind) {
		for (String lost : List.of("a", "b")) {
			LosableLockManager losable = new LosableLockManager();
			CompletableFuture<String> own = new CompletableFuture<>();
			run(losable, (transfers) -> {
				AtomicInteger begun = new AtomicInteger();
				CompletableFuture<String> answer = kind.call(transfers, List.of("a", "b"), () -> {
					begun.incrementAndGet();
					return own;
				});
				Soon.until(() -> begun.get() == 1);
				losable.lose(lost);
				// a stage cannot be ended by anybody else
				own.complete("done");
				assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> get(answer))
					.havingCause()
					.isInstanceOf(LockLostException.class)
					.withMessageContaining("'" + lost + "'");
				assertThat(losable.events).filteredOn((event) -> event.startsWith("release"))
					.containsExactlyInAnyOrder("release a", "release b");
			});
		}
	}

	@Test
	void busyKeyIsWaitedForWithoutAThread() {
		run(this.locks, (transfers) -> {
			LockGuard guard = this.locks.tryLock("b").orElseThrow();
			CompletableFuture<String> answer = transfers.patient(List.of("c", "b", "a"), () -> Mono.just("done"))
				.toFuture();
			Soon.until(() -> waiting() == 1);
			// what comes before the busy key is held, what comes behind is given back
			assertThat(isFree("a")).isFalse();
			Soon.until(() -> isFree("c"));
			guard.close();
			assertThat(get(answer)).isEqualTo("done");
			Soon.until(() -> isFree("a", "b", "c"));
		});
	}

	@Test
	void cancelledWaitIsGivenUp() {
		run(this.locks, (transfers) -> {
			try (LockGuard guard = this.locks.tryLock("b").orElseThrow()) {
				CompletableFuture<String> answer = transfers.patient(List.of("a", "b"), () -> Mono.just("done"))
					.toFuture();
				Soon.until(() -> waiting() == 1);
				answer.cancel(true);
				Soon.until(() -> isFree("a") && waiting() == 0);
				assertThat(guard.isHeld()).isTrue();
			}
		});
	}

	@Test
	void nothingIsHeldHoweverACancellationMeetsTheGrant() {
		run(this.locks, (transfers) -> {
			for (int i = 0; i < 300; i++) {
				LockGuard guard = this.locks.tryLock("b").orElseThrow();
				CompletableFuture<String> answer = transfers.patient(List.of("a", "b", "c"), () -> Mono.<String>never())
					.toFuture();
				CompletableFuture<Void> closer = CompletableFuture.runAsync(guard::close);
				answer.cancel(true);
				get(closer);
				Soon.until(() -> isFree("a", "b", "c") && waiting() == 0);
			}
		});
	}

	/** In whatever order they name the keys. */
	@Test
	void callsNeverWaitForEachOther() {
		run(this.locks, (transfers) -> {
			AtomicInteger inside = new AtomicInteger();
			List<CompletableFuture<Integer>> all = new ArrayList<>();
			for (int i = 0; i < 200; i++) {
				List<String> keys = (i % 2 == 0) ? List.of("a", "b", "c") : List.of("c", "b", "a");
				all.add(transfers.patient(keys, () -> Mono.fromSupplier(() -> {
					int count = inside.incrementAndGet();
					Thread.onSpinWait();
					inside.decrementAndGet();
					return count;
				})).toFuture());
			}
			for (CompletableFuture<Integer> each : all) {
				assertThat(get(each)).isOne();
			}
		});
	}

	@Test
	void nestedCallJoinsWhatIsHeldAndTakesTheRest() {
		LosableLockManager losable = new LosableLockManager();
		run(losable, (transfers) -> {
			String answer = transfers
				.mono(List.of("a", "b"), () -> transfers.mono(List.of("b", "c"), () -> Mono.just("done")))
				.block(Soon.LIMIT);
			assertThat(answer).isEqualTo("done");
			assertThat(losable.events).containsExactlyInAnyOrder("acquire a", "acquire b", "acquire c", "release c",
					"release a", "release b");
		});
	}

	/** What was joined before that is left again. */
	@Test
	void nestedCallThatFindsTheRestBusyLeavesTheOuterOneAsItIs() {
		run(this.locks, (transfers) -> {
			try (LockGuard guard = this.locks.tryLock("c").orElseThrow()) {
				Sinks.One<String> later = Sinks.one();
				CompletableFuture<String> answer = transfers
					.mono(List.of("a", "b"),
							() -> transfers.mono(List.of("b", "c"), () -> Mono.just("inner"))
								.onErrorResume(LockTimeoutException.class, (busy) -> later.asMono()))
					.toFuture();
				assertThat(isFree("a") || isFree("b")).isFalse();
				later.tryEmitValue("outer of " + guard.key()).orThrow();
				assertThat(get(answer)).isEqualTo("outer of c");
			}
			Soon.until(() -> isFree("a", "b", "c"));
		});
	}

	@Test
	void subscriptionInASynchronousCallJoinsItsKeys() {
		LosableLockManager losable = new LosableLockManager();
		run(losable, (transfers) -> {
			transfers.synchronous(List.of("a", "b"),
					() -> transfers.mono(List.of("a", "b", "c"), () -> Mono.just("done")).block(Soon.LIMIT));
			assertThat(losable.events.get(losable.events.size() - 3)).isEqualTo("release c");
			assertThat(losable.events).hasSize(6);
		});
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 101 })
	void keysThatCannotBeLockedAreRefusedByTheCall(int count) {
		run(this.locks, (transfers) -> {
			List<String> keys = Stream.iterate(0, (i) -> i + 1).limit(count).map(String::valueOf).toList();
			assertThatIllegalArgumentException().isThrownBy(() -> transfers.mono(keys, () -> Mono.just("done")));
			assertThatIllegalArgumentException().isThrownBy(() -> transfers.future(keys, () -> this.work));
		});
	}

	/** How a method says that its work is done. */
	enum Kind {

		STAGE {
			@Override
			CompletableFuture<String> call(Transfers transfers, List<String> keys,
					Supplier<CompletableFuture<String>> work) {
				return transfers.future(keys, work);
			}
		},

		MONO {
			@Override
			CompletableFuture<String> call(Transfers transfers, List<String> keys,
					Supplier<CompletableFuture<String>> work) {
				return transfers.mono(keys, () -> Mono.fromFuture(work)).toFuture();
			}
		},

		FLUX {
			@Override
			CompletableFuture<String> call(Transfers transfers, List<String> keys,
					Supplier<CompletableFuture<String>> work) {
				return transfers.flux(keys, () -> Flux.from(Mono.fromFuture(work))).last().toFuture();
			}
		};

		abstract CompletableFuture<String> call(Transfers transfers, List<String> keys,
				Supplier<CompletableFuture<String>> work);

	}

	static class Transfers {

		@CrossProcessLocked(key = "#{#keys}", waitTime = "0s")
		public <T> CompletableFuture<T> future(List<String> keys, Supplier<CompletableFuture<T>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "#{#keys}", waitTime = "0s")
		public <T> Mono<T> mono(List<String> keys, Supplier<Mono<T>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "#{#keys}", waitTime = "0s")
		public <T> Flux<T> flux(List<String> keys, Supplier<Flux<T>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "#{#keys}", waitTime = "60s")
		public <T> Mono<T> patient(List<String> keys, Supplier<Mono<T>> work) {
			return work.get();
		}

		@CrossProcessLocked(key = "#{#keys}", waitTime = "0s")
		public <T> @Nullable T synchronous(List<String> keys, Supplier<@Nullable T> work) {
			return work.get();
		}

	}

	/** What a test does with the methods. */
	interface TransfersCheck {

		void accept(Transfers transfers) throws Exception;

	}

}
