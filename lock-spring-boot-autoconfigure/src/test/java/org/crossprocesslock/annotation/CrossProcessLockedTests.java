package org.crossprocesslock.annotation;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link CrossProcessLocked} on beans, over locks in memory.
 */
class CrossProcessLockedTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(PropertyPlaceholderAutoConfiguration.class,
				CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
		.withUserConfiguration(RecordedLocks.class)
		.withBean(Orders.class)
		.withPropertyValues("tenant=acme", "patience=3s");

	private void run(Check check) {
		this.contextRunner.run((context) -> check.accept(context.getBean(Orders.class),
				context.getBean(RecordedLocks.Requests.class), context.getBean(LockManager.class)));
	}

	@Test
	void plainTextIsTheKey() {
		run((orders, requests, locks) -> {
			assertThat(orders.fixed()).isEqualTo("busy");
			assertThat(requests.last().key()).isEqualTo("all-orders");
			assertThat(locks.tryLock("all-orders")).isPresent();
		});
	}

	@Test
	void placeholdersAreResolved() {
		run((orders, requests, locks) -> {
			orders.placeholders();
			assertThat(requests.last().key()).isEqualTo("acme-orders");
			assertThat(requests.last().waitTime()).isEqualTo(Duration.ofSeconds(3));
			assertThat(requests.last().name()).isEqualTo("orders-of-acme");
		});
	}

	@Test
	void argumentsAreKnownByNameAndPosition() {
		run((orders, requests, locks) -> {
			orders.arguments(7, "b");
			assertThat(requests.last().key()).isEqualTo("order-7-7-b-b.arguments-Orders-7");
		});
	}

	@Test
	void beansAreKnown() {
		run((orders, requests, locks) -> {
			orders.beans();
			assertThat(requests.last().key()).isEqualTo("from-bean");
		});
	}

	@Test
	void nameIsClassAndMethodUnlessGiven() {
		run((orders, requests, locks) -> {
			orders.arguments(1, "x");
			assertThat(requests.last().name()).isEqualTo("CrossProcessLockedTests.Orders.arguments");
		});
	}

	@Test
	void waitTimeIsThePropertyUnlessGiven() {
		this.contextRunner.withPropertyValues("cross-process-lock.default-wait-time=4s").run((context) -> {
			context.getBean(Orders.class).fixed();
			assertThat(context.getBean(RecordedLocks.Requests.class).last().waitTime())
				.isEqualTo(Duration.ofSeconds(4));
		});
	}

	@Test
	void nullInAKeyIsRefusedAndTheMethodNotRun() {
		run((orders, requests, locks) -> {
			assertThatIllegalArgumentException().isThrownBy(() -> orders.text(null))
				.withMessageContaining("Orders.text")
				.withMessageContaining("#text")
				.withMessageContaining("null");
			assertThat(requests.all).isEmpty();
			assertThat(orders.calls()).isEmpty();
		});
	}

	@Test
	void emptyPartOfAKeyIsRefused() {
		run((orders, requests, locks) -> assertThatIllegalArgumentException().isThrownBy(() -> orders.text(""))
			.withMessageContaining("Orders.text")
			.withMessageContaining("nothing"));
	}

	@Test
	void evaluatedKeyThatIsNotAllowedIsRefused() {
		run((orders, requests, locks) -> assertThatIllegalArgumentException().isThrownBy(() -> orders.text("a b"))
			.withMessageContaining("Orders.text")
			.withMessageContaining("'order-a b-x'")
			.withMessageContaining("'order-#{#text}-x'"));
	}

	@Test
	void expressionThatFailsIsNamed() {
		run((orders, requests, locks) -> assertThatIllegalArgumentException().isThrownBy(() -> orders.failing("x"))
			.withMessageContaining("Orders.failing")
			.withMessageContaining("#text.nothingLikeIt"));
	}

	@Test
	void expressionThatThrowsIsNamed() {
		run((orders, requests, locks) -> {
			assertThatIllegalArgumentException().isThrownBy(orders::throwingKey)
				.withMessageContaining("Orders.throwingKey")
				.withMessageContaining("#root.target.noKey()")
				.withMessageContaining("no key today")
				.withRootCauseInstanceOf(IllegalStateException.class);
			assertThat(requests.all).isEmpty();
			assertThat(orders.calls()).isEmpty();
		});
	}

	@Test
	void busyKeyFails() {
		run((orders, requests, locks) -> {
			try (LockGuard guard = locks.lock("at-once", Duration.ZERO)) {
				assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(orders::failsAtOnce)
					.satisfies((ex) -> assertThat(ex.getKey()).isEqualTo("at-once"));
			}
			assertThat(orders.calls()).isEmpty();
		});
	}

	@Test
	void busyKeySkips() {
		run((orders, requests, locks) -> {
			try (LockGuard guard = locks.lock("skip", Duration.ZERO)) {
				orders.skipsNothing();
				assertThat(orders.skipsObject()).isNull();
				assertThat(orders.skipsOptional()).isEmpty();
				assertThat(orders.skipsOptionalInt()).isEmpty();
				assertThat(orders.skipsOptionalLong()).isEmpty();
				assertThat(orders.skipsOptionalDouble()).isEmpty();
			}
			assertThat(orders.calls()).isEmpty();
			assertThat(orders.skipsObject()).isEqualTo("done");
			assertThat(orders.skipsOptional()).contains("done");
		});
	}

	@Test
	void interruptWhileWaitingEndsTheCallAndStaysSet() {
		run((orders, requests, locks) -> {
			try (LockGuard guard = locks.lock("all-orders", Duration.ZERO)) {
				Thread.currentThread().interrupt();
				assertThatExceptionOfType(LockInterruptedException.class).isThrownBy(orders::fixed);
				assertThat(Thread.interrupted()).isTrue();
			}
			assertThat(orders.calls()).isEmpty();
		});
	}

	@Test
	void lockIsReleasedWhenTheMethodFails() {
		run((orders, requests, locks) -> {
			assertThatExceptionOfType(IOException.class).isThrownBy(orders::throwing).withMessage("broken");
			assertThat(locks.tryLock("throwing")).isPresent();
		});
	}

	@Test
	void callInsideACallRunsUnderTheSameLock() {
		run((orders, requests, locks) -> {
			orders.nested(() -> orders.nested(() -> {
				assertThat(locks.tryLock("nested")).isEmpty();
				orders.nestedShared();
			}));
			assertThat(requests.all).hasSize(2);
			assertThat(locks.tryLock("nested")).isPresent();
		});
	}

	@Test
	void exclusiveInsideSharedFailsAtOnce() {
		run((orders, requests, locks) -> {
			assertThatIllegalStateException().isThrownBy(() -> orders.nestedShared(() -> orders.nested(() -> {
			}))).withMessageContaining("'nested'").withMessageContaining("EXCLUSIVE");
			assertThat(locks.tryLock("nested")).isPresent();
		});
	}

	@Test
	void otherKeysAreLockedInsideACall() {
		run((orders, requests, locks) -> {
			orders.nested(orders::fixed);
			assertThat(requests.keys()).containsExactly("nested", "all-orders");
		});
	}

	@Test
	void anotherThreadIsExcludedFromACall() {
		run((orders, requests, locks) -> {
			orders.nested(() -> {
				List<Throwable> failures = new CopyOnWriteArrayList<>();
				Thread other = new Thread(() -> orders.nested(() -> {
				}));
				other.setUncaughtExceptionHandler((thread, ex) -> failures.add(ex));
				other.start();
				join(other);
				assertThat(failures).singleElement().isInstanceOf(LockTimeoutException.class);
			});
		});
	}

	private static void join(Thread thread) {
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private interface Check {

		void accept(Orders orders, RecordedLocks.Requests requests, LockManager locks) throws Exception;

	}

	static class Orders {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		List<String> calls() {
			return this.calls;
		}

		@CrossProcessLocked(key = "all-orders")
		public String fixed() {
			this.calls.add("fixed");
			return "busy";
		}

		@CrossProcessLocked(key = "${tenant}-orders", waitTime = "${patience}", name = "orders-of-${tenant}")
		public void placeholders() {
		}

		@CrossProcessLocked(key = "order-#{#id}-#{#p0}-#{#a1}-#{#root.args[1]}.#{#root.method.name}-"
				+ "#{#root.targetClass.simpleName}-#{#root.target.same(#id)}")
		public void arguments(long id, String text) {
		}

		public long same(long id) {
			return id;
		}

		@CrossProcessLocked(key = "#{@keyOfBean}")
		public void beans() {
		}

		@CrossProcessLocked(key = "order-#{#text}-x")
		public void text(@Nullable String text) {
			this.calls.add("text");
		}

		@CrossProcessLocked(key = "order-#{#text.nothingLikeIt}")
		public void failing(String text) {
		}

		@CrossProcessLocked(key = "order-#{#root.target.noKey()}")
		public void throwingKey() {
			this.calls.add("throwingKey");
		}

		public String noKey() {
			throw new IllegalStateException("no key today");
		}

		@CrossProcessLocked(key = "at-once", waitTime = "0s")
		public void failsAtOnce() {
			this.calls.add("failsAtOnce");
		}

		@CrossProcessLocked(key = "skip", waitTime = "0s", onBusy = OnBusy.SKIP)
		public void skipsNothing() {
			this.calls.add("skipsNothing");
		}

		@CrossProcessLocked(key = "skip", waitTime = "PT0S", onBusy = OnBusy.SKIP)
		public @Nullable String skipsObject() {
			this.calls.add("skipsObject");
			return "done";
		}

		@CrossProcessLocked(key = "skip", waitTime = "1ms", onBusy = OnBusy.SKIP)
		public Optional<String> skipsOptional() {
			this.calls.add("skipsOptional");
			return Optional.of("done");
		}

		@CrossProcessLocked(key = "skip", waitTime = "0s", onBusy = OnBusy.SKIP)
		public OptionalInt skipsOptionalInt() {
			return OptionalInt.of(1);
		}

		@CrossProcessLocked(key = "skip", waitTime = "0s", onBusy = OnBusy.SKIP)
		public OptionalLong skipsOptionalLong() {
			return OptionalLong.of(1);
		}

		@CrossProcessLocked(key = "skip", waitTime = "0s", onBusy = OnBusy.SKIP)
		public OptionalDouble skipsOptionalDouble() {
			return OptionalDouble.of(1);
		}

		@CrossProcessLocked(key = "throwing")
		public void throwing() throws IOException {
			throw new IOException("broken");
		}

		@CrossProcessLocked(key = "nested", waitTime = "0s")
		public void nested(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "nested", waitTime = "0s", mode = LockMode.SHARED_IN_PROCESS)
		public void nestedShared(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "nested", waitTime = "0s", mode = LockMode.SHARED_IN_PROCESS)
		public void nestedShared() {
		}

	}

}
