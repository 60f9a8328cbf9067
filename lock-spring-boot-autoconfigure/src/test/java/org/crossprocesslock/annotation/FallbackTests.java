package org.crossprocesslock.annotation;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.reactivex.rxjava3.core.Single;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for the fallback of {@link CrossProcessLocked}.
 */
class FallbackTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withUserConfiguration(RecordedLocks.class);

	@Test
	void isCalledWithTheArgumentsWhileOthersHoldTheKey() {
		this.contextRunner.withBean(Prices.class).run((context) -> {
			Prices prices = context.getBean(Prices.class);
			assertThat(prices.of("a", 1)).isEqualTo("price of a 1");
			assertThat(prices.ofAll(List.of("a", "b"))).isEqualTo(2);
			try (LockGuard guard = context.getBean(LockManager.class).tryLock("a").orElseThrow()) {
				assertThat(prices.of("a", 1)).isEqualTo("old price of a 1, busy: " + guard.key());
				assertThat(prices.ofAll(List.of("b", "a"))).isEqualTo(-2);
				assertThatIOException().isThrownBy(() -> prices.failing("a")).withMessage("none for a");
			}
		});
	}

	/** What is busy inside of the method is its own affair. */
	@Test
	void isNotCalledForATimeoutOfTheMethodItself() {
		this.contextRunner.withBean(Prices.class).run((context) -> {
			Prices prices = context.getBean(Prices.class);
			try (LockGuard guard = context.getBean(LockManager.class).tryLock("inner").orElseThrow()) {
				assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> prices.nested(prices))
					.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(guard.key()));
			}
		});
	}

	@Test
	void isRunInsteadOfWorkThatGoesOn() {
		this.contextRunner.withBean(LaterPrices.class).run((context) -> {
			LaterPrices prices = context.getBean(LaterPrices.class);
			assertThat(prices.stage("a")).succeedsWithin(Soon.LIMIT).isEqualTo("price of a");
			assertThat(prices.mono("a").block(Soon.LIMIT)).isEqualTo("price of a");
			assertThat(prices.flux("a").collectList().block(Soon.LIMIT)).containsExactly("price of a");
			assertThat(prices.single("a").blockingGet()).isEqualTo("price of a");
			try (LockGuard guard = context.getBean(LockManager.class).tryLock("a").orElseThrow()) {
				String old = "old price, busy: " + guard.key();
				assertThat(prices.stage("a")).succeedsWithin(Soon.LIMIT).isEqualTo(old);
				assertThat(prices.mono("a").block(Soon.LIMIT)).isEqualTo(old);
				assertThat(prices.flux("a").collectList().block(Soon.LIMIT)).containsExactly("old", "price");
				assertThat(prices.single("a").blockingGet()).isEqualTo(old);
				assertThat(prices.nothing("a")).succeedsWithin(Soon.LIMIT).isNull();
			}
			assertThat(prices.mono("a").block(Soon.LIMIT)).isEqualTo("price of a");
		});
	}

	@Test
	void failureOfAFallbackIsToldAsItIs() {
		this.contextRunner.withBean(LaterPrices.class).run((context) -> {
			LaterPrices prices = context.getBean(LaterPrices.class);
			try (LockGuard guard = context.getBean(LockManager.class).tryLock("a").orElseThrow()) {
				assertThat(prices.failing("a")).failsWithin(Soon.LIMIT)
					.withThrowableThat()
					.havingCause()
					.isInstanceOf(IOException.class)
					.withMessage("none for " + guard.key());
				assertThatIOException().isThrownBy(() -> prices.failingAtOnce("a")).withMessage("none for a");
				assertThatExceptionOfType(Exception.class).isThrownBy(() -> prices.failingMono("a").block(Soon.LIMIT))
					.havingCause()
					.isInstanceOf(IOException.class)
					.withMessage("none for a");
			}
		});
	}

	/** What is busy inside of the work is its own affair. */
	@Test
	void isNotRunForATimeoutOfTheWorkItself() {
		this.contextRunner.withBean(LaterPrices.class).run((context) -> {
			LaterPrices prices = context.getBean(LaterPrices.class);
			LockTimeoutException inner = new LockTimeoutException("inner", Duration.ZERO, null);
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> prices.given(Mono.error(inner)).block(Soon.LIMIT))
				.isSameAs(inner);
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> prices.given(null).block(Soon.LIMIT))
				.withMessageContaining("thrown");
		});
	}

	@Test
	void cancelledFallbackIsCancelled() {
		this.contextRunner.withBean(LaterPrices.class).run((context) -> {
			LaterPrices prices = context.getBean(LaterPrices.class);
			try (LockGuard guard = context.getBean(LockManager.class).tryLock("a").orElseThrow()) {
				CountDownLatch cancelled = new CountDownLatch(1);
				CountDownLatch subscribed = new CountDownLatch(1);
				Disposable call = prices
					.instead("a",
							Mono.<String>never()
								.doOnSubscribe((subscription) -> subscribed.countDown())
								.doOnCancel(cancelled::countDown))
					.subscribe();
				assertThat(subscribed.await(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
				call.dispose();
				assertThat(cancelled.await(Soon.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
				assertThat(guard.isHeld()).isTrue();
			}
		});
	}

	@ParameterizedTest
	@CsvSource({ "Missing, no fallback method 'instead'", "Itself, no fallback method 'run'",
			"OtherParameters, no fallback method 'instead'", "OtherType, which is no", "OtherStage, which is no",
			"OtherMono, which is no", "LockedItself, a locked method itself",
			"LockedByItsClass, a locked method itself", "AndSkip, both onBusy=SKIP and a fallback" })
	void isRefusedAtStartIfItDoesNotFit(String bean, String reason) throws ClassNotFoundException {
		Class<?> type = Class.forName(FallbackTests.class.getName() + "$" + bean);
		this.contextRunner.withBean(type)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.hasStackTraceContaining(bean + ".run")
				.hasStackTraceContaining(reason));
	}

	static class Prices {

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "old")
		public String of(String item, int count) {
			return "price of " + item + " " + count;
		}

		String old(String item, int count, LockTimeoutException reason) {
			return "old price of " + item + " " + count + ", busy: " + reason.getKey();
		}

		String old(String item, int count) {
			throw new IllegalStateException("the one with the reason is meant, not that of " + item + count);
		}

		@CrossProcessLocked(key = "#{#items}", waitTime = "0s", fallback = "none")
		public int ofAll(List<String> items) {
			return items.size();
		}

		int none(List<String> items) {
			return -items.size();
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "fail")
		public void failing(String item) throws IOException {
		}

		void fail(String item) throws IOException {
			throw new IOException("none for " + item);
		}

		@CrossProcessLocked(key = "outer", fallback = "unexpected")
		public void nested(Prices proxy) {
			proxy.inner();
		}

		void unexpected(Prices proxy) {
			throw new IllegalStateException("the outer key was free");
		}

		@CrossProcessLocked(key = "inner", waitTime = "0s")
		public void inner() {
		}

	}

	static class LaterPrices {

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "oldStage")
		public CompletableFuture<String> stage(String item) {
			return CompletableFuture.completedFuture("price of " + item);
		}

		CompletableFuture<String> oldStage(String item, LockTimeoutException reason) {
			return CompletableFuture.supplyAsync(() -> "old price, busy: " + reason.getKey());
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "none")
		public CompletionStage<String> nothing(String item) {
			return stage(item);
		}

		@Nullable CompletableFuture<String> none(String item) {
			return null;
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "oldMono")
		public Mono<String> mono(String item) {
			return Mono.just("price of " + item);
		}

		Mono<String> oldMono(String item, LockTimeoutException reason) {
			return Mono.just("old price, busy: " + reason.getKey());
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "oldFlux")
		public Flux<String> flux(String item) {
			return Flux.just("price of " + item);
		}

		Flux<String> oldFlux(String item) {
			return Flux.just("old", "price");
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "oldSingle")
		public Single<String> single(String item) {
			return Single.just("price of " + item);
		}

		Single<String> oldSingle(String item, LockTimeoutException reason) {
			return Single.just("old price, busy: " + reason.getKey());
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "fail")
		public CompletableFuture<String> failing(String item) {
			return stage(item);
		}

		CompletableFuture<String> fail(String item) {
			return CompletableFuture.failedFuture(new IOException("none for " + item));
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "failAtOnce")
		public CompletableFuture<String> failingAtOnce(String item) throws IOException {
			return stage(item);
		}

		CompletableFuture<String> failAtOnce(String item) throws IOException {
			throw new IOException("none for " + item);
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "failMono")
		public Mono<String> failingMono(String item) {
			return mono(item);
		}

		Mono<String> failMono(String item) throws IOException {
			throw new IOException("none for " + item);
		}

		@CrossProcessLocked(key = "outer", waitTime = "0s", fallback = "unexpected")
		public Mono<String> given(@Nullable Mono<String> work) {
			if (work == null) {
				throw new LockTimeoutException("thrown", Duration.ZERO, null);
			}
			return work;
		}

		Mono<String> unexpected(@Nullable Mono<String> work) {
			return Mono.error(new AssertionError("the outer key was free for " + work));
		}

		@CrossProcessLocked(key = "#{#item}", waitTime = "0s", fallback = "giveInstead")
		public Mono<String> instead(String item, Mono<String> instead) {
			return mono(item);
		}

		Mono<String> giveInstead(String item, Mono<String> instead) {
			return instead;
		}

	}

	static class OtherStage {

		@CrossProcessLocked(key = "a", fallback = "instead")
		public CompletableFuture<String> run() {
			return CompletableFuture.completedFuture("done");
		}

		CompletableFuture<Integer> instead() {
			return CompletableFuture.completedFuture(1);
		}

	}

	static class OtherMono {

		@CrossProcessLocked(key = "a", fallback = "instead")
		public Mono<String> run() {
			return Mono.just("done");
		}

		Flux<String> instead() {
			return Flux.empty();
		}

	}

	static class Missing {

		@CrossProcessLocked(key = "a", fallback = "instead")
		public void run() {
		}

	}

	static class Itself {

		@CrossProcessLocked(key = "a", fallback = "run")
		public void run() {
		}

	}

	static class OtherParameters {

		@CrossProcessLocked(key = "a", fallback = "instead")
		public void run(long id) {
		}

		void instead(int id) {
		}

	}

	static class OtherType {

		@CrossProcessLocked(key = "a", fallback = "instead")
		public List<String> run() {
			return List.of();
		}

		List<Integer> instead() {
			return List.of();
		}

	}

	static class LockedItself {

		@CrossProcessLocked(key = "a", fallback = "instead")
		public void run() {
		}

		@CrossProcessLocked(key = "b")
		public void instead() {
		}

	}

	@CrossProcessLocked(key = "b")
	static class LockedByItsClass {

		@CrossProcessLocked(key = "a", fallback = "instead")
		public void run() {
		}

		public void instead() {
		}

	}

	static class AndSkip {

		@CrossProcessLocked(key = "a", onBusy = OnBusy.SKIP, fallback = "instead")
		public void run() {
		}

		void instead() {
		}

	}

}
