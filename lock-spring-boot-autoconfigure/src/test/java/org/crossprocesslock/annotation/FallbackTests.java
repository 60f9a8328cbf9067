package org.crossprocesslock.annotation;

import java.io.IOException;
import java.util.List;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

	@ParameterizedTest
	@CsvSource({ "Missing, no fallback method 'instead'", "Itself, no fallback method 'run'",
			"OtherParameters, no fallback method 'instead'", "OtherType, which is no",
			"LockedItself, a locked method itself", "LockedByItsClass, a locked method itself",
			"AndSkip, both onBusy=SKIP and a fallback" })
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
