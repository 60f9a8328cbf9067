package org.crossprocesslock.annotation;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.annotation.AliasFor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for several keys of one {@link CrossProcessLocked} method.
 */
class SeveralKeysTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withUserConfiguration(RecordedLocks.class);

	private void run(Check check) {
		this.contextRunner.withBean(Accounts.class)
			.run((context) -> check.accept(context.getBean(Accounts.class),
					context.getBean(RecordedLocks.Requests.class), context.getBean(LockManager.class)));
	}

	private static boolean isFree(LockManager locks, String... keys) {
		List<LockGuard> guards = new ArrayList<>();
		for (String key : keys) {
			locks.tryLock(key).ifPresent(guards::add);
		}
		guards.forEach(LockGuard::close);
		return guards.size() == keys.length;
	}

	@Test
	void repeatedAnnotationsTakeTheirKeysInOneOrder() {
		run((accounts, requests, locks) -> {
			accounts.transfer("b", "a", () -> {
				assertThat(requests.keys()).containsExactly("account-a", "account-b");
				assertThat(locks.tryLock("account-a")).isEmpty();
				assertThat(locks.tryLock("account-b")).isEmpty();
			});
			assertThat(isFree(locks, "account-a", "account-b")).isTrue();
			assertThat(requests.all.get(0).name()).isEqualTo("SeveralKeysTests.Accounts.transfer");
		});
	}

	@Test
	void everyValueOfAnExpressionMakesAKey() {
		run((accounts, requests, locks) -> {
			accounts.close(List.of("c", "a", "c", "b"));
			assertThat(requests.keys()).containsExactly("account-a.x", "account-b.x", "account-c.x");
			requests.all.clear();
			accounts.move(2, 1);
			assertThat(requests.keys()).containsExactly("1", "2");
			requests.all.clear();
			accounts.move(2, 2);
			assertThat(requests.keys()).containsExactly("2");
			requests.all.clear();
			accounts.array(3, 4);
			assertThat(requests.keys()).containsExactly("a-3", "a-4");
			requests.all.clear();
			accounts.made(Set.of("\u00e4"));
			assertThat(requests.keys()).singleElement().asString().matches("[0-9a-f]{32}");
		});
	}

	@Test
	void noValueIsRefusedAndTheMethodNotRun() {
		run((accounts, requests, locks) -> {
			assertThatIllegalArgumentException().isThrownBy(() -> accounts.close(List.of()))
				.withMessageContaining("Accounts.close")
				.withMessageContaining("empty collection");
			List<@Nullable String> withNull = new ArrayList<>(List.of("a"));
			withNull.add(null);
			assertThatIllegalArgumentException().isThrownBy(() -> accounts.close(withNull))
				.withMessageContaining("returned null");
			assertThatIllegalArgumentException()
				.isThrownBy(() -> accounts.close(IntStream.range(0, 101).mapToObj(String::valueOf).toList()))
				.withMessageContaining("101 keys are more than 100");
			assertThatIllegalArgumentException().isThrownBy(() -> accounts.two(List.of(1, 2), List.of(3, 4)))
				.withMessageContaining("second that returns several values");
			assertThat(requests.all).isEmpty();
			assertThat(accounts.calls()).isEmpty();
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "account-a", "account-b" })
	void oneBusyKeyKeepsAll(String busy) {
		run((accounts, requests, locks) -> {
			try (LockGuard guard = locks.tryLock(busy).orElseThrow()) {
				assertThatExceptionOfType(LockTimeoutException.class)
					.isThrownBy(() -> accounts.transferAtOnce("b", "a"))
					.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo(guard.key()));
				assertThat(accounts.skip("a", "b")).isNull();
				assertThat(accounts.calls()).isEmpty();
				assertThat(isFree(locks, busy.equals("account-a") ? "account-b" : "account-a")).isTrue();
			}
			assertThat(accounts.skip("a", "b")).isEqualTo("done");
		});
	}

	@Test
	void aCallInsideACallAsksForWhatIsMissing() {
		run((accounts, requests, locks) -> accounts.transfer("a", "b", () -> {
			requests.all.clear();
			accounts.transfer("b", "c", () -> {
				assertThat(requests.keys()).containsExactly("account-c");
				accounts.transfer("a", "c", () -> assertThat(requests.keys()).hasSize(1));
				assertThat(locks.tryLock("account-a")).isEmpty();
			});
			assertThat(isFree(locks, "account-c")).isTrue();
			assertThat(locks.tryLock("account-b")).isEmpty();
			assertThatIllegalStateException().isThrownBy(() -> accounts.shared(() -> accounts.sharedThenExclusive()))
				.withMessageContaining("SHARED_IN_PROCESS");
			assertThat(isFree(locks, "shared", "further")).isTrue();
		}));
	}

	@Test
	void whatFailsInACallReleasesAll() {
		run((accounts, requests, locks) -> {
			assertThatIllegalStateException().isThrownBy(() -> accounts.transfer("a", "b", () -> {
				throw new IllegalStateException("from the call");
			})).withMessage("from the call");
			assertThat(isFree(locks, "account-a", "account-b")).isTrue();
		});
	}

	@Test
	void twoMethodsWithTheSameKeysInOtherOrdersNeverWaitForEachOther() {
		run((accounts, requests, locks) -> {
			List<CompletableFuture<Void>> all = new ArrayList<>();
			for (String[] pair : new String[][] { { "a", "b" }, { "b", "a" }, { "a", "b" }, { "b", "a" } }) {
				all.add(CompletableFuture.runAsync(() -> {
					for (int i = 0; i < 200; i++) {
						accounts.count(List.of(pair));
					}
				}));
			}
			CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
			assertThat(accounts.counter()).isEqualTo(800);
		});
	}

	@Test
	void metaAnnotationsCanBeRepeatedOrCombined() {
		this.contextRunner.withBean(Composed.class).run((context) -> {
			Composed composed = context.getBean(Composed.class);
			RecordedLocks.Requests requests = context.getBean(RecordedLocks.Requests.class);
			composed.both();
			assertThat(requests.keys()).containsExactly("of-customer", "own");
			requests.all.clear();
			composed.overridden();
			assertThat(requests.keys()).containsExactly("nearest");
			requests.all.clear();
			composed.ofClass();
			assertThat(requests.keys()).containsExactly("class-1", "class-2");
		});
	}

	@ParameterizedTest
	@ValueSource(classes = { OtherWait.class, OtherBusy.class })
	void annotationsThatDisagreeAreRefused(Class<?> bean) {
		this.contextRunner.withBean(bean)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining(bean.getSimpleName() + ".run")
				.hasMessageContaining("differ in " + ((bean == OtherWait.class) ? "waitTime" : "onBusy"))
				.hasMessageContaining("differ in key, mode, name only"));
	}

	@Test
	void severalKeysCannotBeHeldAtLeast() {
		this.contextRunner.withBean(HeldAtLeast.class)
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.rootCause()
				.hasMessageContaining("HeldAtLeast.run")
				.hasMessageContaining("cannot be held at least"));
	}

	@Test
	void everyAnnotationIsDescribed() {
		this.contextRunner.withBean(Accounts.class).run((context) -> {
			assertThat(context.getBean(LockedMethodDescriptions.class).all())
				.filteredOn((method) -> method.method().contains("Accounts.transfer("))
				.extracting(LockedMethodDescription::key)
				.containsExactlyInAnyOrder("account-#{#from}", "account-#{#to}");
		});
	}

	interface Check {

		void accept(Accounts accounts, RecordedLocks.Requests requests, LockManager locks) throws Exception;

	}

	static class Accounts {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		private int counter;

		List<String> calls() {
			return this.calls;
		}

		int counter() {
			return this.counter;
		}

		@CrossProcessLocked(key = "account-#{#from}")
		@CrossProcessLocked(key = "account-#{#to}")
		public void transfer(String from, String to, Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "account-#{#from}", waitTime = "0s")
		@CrossProcessLocked(key = "account-#{#to}", waitTime = "0s")
		public void transferAtOnce(String from, String to) {
			this.calls.add("transfer");
		}

		@CrossProcessLocked(key = "account-#{{#from, #to}}", waitTime = "0s", onBusy = OnBusy.SKIP)
		public @Nullable String skip(String from, String to) {
			this.calls.add("skip");
			return "done";
		}

		@CrossProcessLocked(key = "account-#{#ids}.x")
		public void close(List<@Nullable String> ids) {
			this.calls.add("close");
		}

		@CrossProcessLocked(key = "#{{#from, #to}}")
		public void move(int from, int to) {
		}

		@CrossProcessLocked(key = "a-#{#ids}")
		public void array(int... ids) {
		}

		@CrossProcessLocked(key = "#{#texts.![#lockKey(#this)]}")
		public void made(Set<String> texts) {
		}

		@CrossProcessLocked(key = "#{#a}-#{#b}")
		public void two(List<Integer> a, List<Integer> b) {
			this.calls.add("two");
		}

		@CrossProcessLocked(key = "account-#{#ids}", waitTime = "30s")
		public void count(List<String> ids) {
			int seen = this.counter;
			LockSupport.parkNanos(1000);
			this.counter = seen + 1;
		}

		@CrossProcessLocked(key = "shared", mode = LockMode.SHARED_IN_PROCESS)
		public void shared(Runnable work) {
			work.run();
		}

		@CrossProcessLocked(key = "further")
		@CrossProcessLocked(key = "shared")
		public void sharedThenExclusive() {
			this.calls.add("never");
		}

	}

	@Retention(RetentionPolicy.RUNTIME)
	@CrossProcessLocked(key = "of-customer")
	@interface CustomerLocked {

		@AliasFor(annotation = CrossProcessLocked.class, attribute = "name")
		String as();

	}

	interface Overridden {

		@CrossProcessLocked(key = "farther")
		void overridden();

	}

	@CrossProcessLocked(key = "class-2")
	@CrossProcessLocked(key = "class-1")
	static class Composed implements Overridden {

		@CustomerLocked(as = "customer")
		@CrossProcessLocked(key = "own")
		public void both() {
		}

		@Override
		@CrossProcessLocked(key = "nearest")
		public void overridden() {
		}

		public void ofClass() {
		}

	}

	static class OtherWait {

		@CrossProcessLocked(key = "a", waitTime = "1s")
		@CrossProcessLocked(key = "b", waitTime = "2s")
		public void run() {
		}

	}

	static class OtherBusy {

		@CrossProcessLocked(key = "a")
		@CrossProcessLocked(key = "b", onBusy = OnBusy.SKIP)
		public void run() {
		}

	}

	static class HeldAtLeast {

		@CrossProcessLocked(key = "a", holdAtLeast = "1m")
		@CrossProcessLocked(key = "b", holdAtLeast = "1m")
		public void run() {
		}

	}

}
