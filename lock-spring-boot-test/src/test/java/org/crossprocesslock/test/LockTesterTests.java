package org.crossprocesslock.test;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import jakarta.annotation.PostConstruct;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.mockito.Answers;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link LockTester} and what it tells.
 */
class LockTesterTests {

	private static final LockRequest LONG_WAIT = LockRequest.of("key", Duration.ofDays(1));

	private final LockTester tester = LockTester.inMemory();

	private final LockManager locks = this.tester.lockManager();

	@AfterEach
	void close() {
		this.locks.close();
	}

	@Test
	void everyWayToLockIsNoted() {
		assertThat(this.tester.run(() -> {
			this.locks.tryLock("a").orElseThrow().close();
			this.locks.tryLock(LockRequest.of("b", Duration.ZERO)).orElseThrow().close();
			this.locks.lock("c", Duration.ZERO).close();
			this.locks.lockAll(List.of("d", "e"), Duration.ZERO).close();
			this.locks.lockAsync(LockRequest.of("f", Duration.ZERO)).get().close();
			this.locks.runLocked(LockRequest.of("g", Duration.ZERO), () -> {
			});
			this.locks.callLocked(LockRequest.of("h", Duration.ZERO), () -> "done");
			List<LockRequest> both = List.of(LockRequest.of("i", Duration.ZERO), LockRequest.of("j", Duration.ZERO));
			this.locks.lockAllAsync(both).get().closeAsync().get();
		})).heldOnly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j").releasedAll().succeeded();
	}

	@Test
	void whatWasGrantedBeforeAndAfterIsNotNoted() {
		this.locks.tryLock("before").orElseThrow().close();
		TestedCall call = this.tester.run(() -> {
		});
		this.locks.tryLock("after").orElseThrow().close();
		assertThat(call).heldNothing();
	}

	@Test
	void forgottenGuardIsFound() {
		TestedCall call = this.tester.call(() -> this.locks.tryLock("key").orElseThrow());
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(call).releasedAll())
			.withMessageContaining("key");
		assertThat(call.result()).isInstanceOfSatisfying(LockGuard.class, LockGuard::close);
	}

	@Test
	void wrongExpectationsFail() {
		TestedCall call = this.tester.run(() -> this.locks.tryLock("key").orElseThrow().close());
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(call).held("another"));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(call).heldOnly("key", "another"));
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(call).heldNothing());
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(call).hasResult("result"));
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThat(call).failedWith(LockLostException.class));
	}

	@Test
	void failureThatNobodyExpectedFailsTheTest() {
		IllegalStateException failure = new IllegalStateException("work failed");
		TestedCall call = this.tester.run(() -> {
			this.locks.tryLock("key").orElseThrow().close();
			throw failure;
		});
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> assertThat(call).held("key"))
			.withCause(failure);
		assertThat(call).failedWith(IllegalStateException.class).held("key");
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> assertThat(call).failedWith(IllegalStateException.class).succeeded());
	}

	@Test
	void busyKeyRefusesAtOnceWhateverTheWait() throws Exception {
		try (BusyKey busy = this.tester.busy("key")) {
			assertThat(this.locks.tryLock("key")).isEmpty();
			assertThat(this.locks.tryLock(LONG_WAIT)).isEmpty();
			assertThat(this.locks.tryLock(LONG_WAIT.withMode(LockMode.SHARED_IN_PROCESS))).isEmpty();
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> this.locks.lock(LONG_WAIT));
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> this.locks.lockAll(List.of("another", "key"), Duration.ofDays(1)));
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> this.locks.callLocked(LONG_WAIT, () -> "never"));
			assertThatExceptionOfType(ExecutionException.class)
				.isThrownBy(() -> this.locks.lockAsync(LONG_WAIT).get(10, TimeUnit.SECONDS))
				.withCauseInstanceOf(LockTimeoutException.class);
			assertThat(this.locks.tryLock("another")).isPresent().get().satisfies(LockGuard::close);
		}
		this.locks.lock(LONG_WAIT).close();
	}

	@Test
	void keyThatIsHeldCannotBeBusy() {
		try (LockGuard guard = this.locks.tryLock("key").orElseThrow()) {
			assertThatIllegalStateException().isThrownBy(() -> this.tester.busy("key")).withMessageContaining("[key]");
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Test
	void keyThatIsKeptCannotBeBusyAndHasNoGuardToLose() throws Exception {
		// of its own, since it is kept by the process
		this.locks.lock(LockRequest.of("kept-key", Duration.ZERO).holdingAtLeast(Duration.ofMinutes(5))).close();
		assertThatIllegalStateException().isThrownBy(() -> this.tester.busy("kept-key"))
			.withMessageContaining("holdAtLeast")
			.withMessageContaining("Held are []");
		assertThatIllegalStateException().isThrownBy(() -> this.tester.lose("kept-key"));
	}

	@Test
	void lostGuardIsLostForItsUser() throws Exception {
		CountDownLatch told = new CountDownLatch(1);
		LockGuard guard = this.locks.tryLock("key").orElseThrow();
		guard.onLost(told::countDown);
		this.tester.lose("key");
		assertThat(guard.isHeld()).isFalse();
		assertThat(told.await(10, TimeUnit.SECONDS)).isTrue();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close);
		this.locks.tryLock("key").orElseThrow().close();
	}

	@Test
	void nextGuardIsLostAndTheOneAfterItIsNot() throws Exception {
		this.tester.loseNext("key");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> this.locks.runLocked(LONG_WAIT, () -> {
		}));
		this.locks.runLocked(LONG_WAIT, () -> {
		});
	}

	@Test
	void nextGuardsOfSeveralKeysAreLost() throws Exception {
		this.tester.loseNext("b");
		LockGuards guards = this.locks.lockAll(List.of("a", "b"), Duration.ZERO);
		assertThat(guards.guard("a").isHeld()).isTrue();
		assertThat(guards.guard("b").isHeld()).isFalse();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guards::close);
	}

	@Test
	void whatNobodyHoldsCannotBeLost() {
		try (LockGuard guard = this.locks.tryLock("another").orElseThrow(); BusyKey busy = this.tester.busy("key")) {
			assertThatIllegalStateException().isThrownBy(() -> this.tester.lose("key"))
				.withMessageContaining("[another, key]");
			assertThat(guard.isHeld()).isTrue();
			assertThat(this.locks.tryLock("key")).isEmpty();
		}
	}

	@Test
	void resetFreesBusyKeysAndForgetsLosses() throws Exception {
		this.tester.busy("key");
		this.tester.loseNext("key");
		this.tester.reset();
		this.locks.runLocked(LONG_WAIT, () -> {
		});
	}

	/** Nothing is known of it, which would look like a method without a lock. */
	@Test
	void methodOfAnInterfaceIsAskedOfTheClassOfTheBean() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class,
					FencingAutoConfiguration.class, LockTesterAutoConfiguration.class))
			.withBean(LockManager.class, MemoryLockManager::new)
			.withBean(LockedTask.class)
			.run((context) -> {
				LockTester bean = context.getBean(LockTester.class);
				assertThat(bean.methods(LockedTask.class, "execute")).areLocked();
				assertThatIllegalArgumentException().isThrownBy(() -> bean.methods(Task.class, "execute"))
					.withMessageContaining(LockedTask.class.getName());
				assertThat(bean.methods(Task.class, "plan")).areNotLocked();
			});
	}

	@Test
	void managerOfTheApplicationIsInitialized() {
		InitializedManager own = mock(InitializedManager.class, Answers.CALLS_REAL_METHODS);
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(CrossProcessLockedAutoConfiguration.class,
					FencingAutoConfiguration.class, LockTesterAutoConfiguration.class))
			.withBean("own", LockManager.class, () -> own, (definition) -> definition.setInitMethodName("begin"))
			.run((context) -> {
				assertThat(context.getBean(LockManager.class)).isInstanceOf(TestedLockManager.class);
				assertThat(own.constructed).isTrue();
				assertThat(own.set).isTrue();
				assertThat(own.begun).isTrue();
			});
	}

	@Test
	void cancelledRequestIsGivenUp() throws Exception {
		LockGuard guard = this.locks.tryLock("key").orElseThrow();
		CompletableFuture<LockGuard> waiting = this.locks.lockAsync(LONG_WAIT);
		assertThat(waiting.cancel(false)).isTrue();
		guard.close();
		this.locks.lock("key", Duration.ofSeconds(10)).close();
		assertThat(this.locks.inspection().orElseThrow().report("key").held()).isEmpty();
	}

	@Test
	void cancelledRequestForSeveralKeysIsGivenUp() throws Exception {
		LockGuard guard = this.locks.tryLock("key").orElseThrow();
		CompletableFuture<LockGuards> waiting = this.locks
			.lockAllAsync(List.of(LockRequest.of("before", Duration.ofMinutes(1)), LONG_WAIT));
		assertThat(waiting.cancel(false)).isTrue();
		guard.close();
		this.locks.lockAll(List.of("before", "key"), Duration.ofSeconds(10)).close();
		LockInspection inspection = this.locks.inspection().orElseThrow();
		assertThat(inspection.report("before").held()).isEmpty();
		assertThat(inspection.report("key").held()).isEmpty();
	}

	@Test
	void managerIsWrappedOnce() {
		LockTester again = LockTester.of(this.locks);
		assertThat(again.lockManager()).isSameAs(this.locks);
		assertThatIllegalStateException().isThrownBy(() -> again.methods(String.class, "length"));
	}

	@Test
	void methodThatIsNotThereIsAMistake() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.tester.methods(String.class, "longest"))
			.withMessageContaining("java.lang.String.longest");
	}

	@Test
	void managerThatCannotLoseSaysSo() {
		LockManager other = mock(LockManager.class);
		given(other.inspection()).willReturn(Optional.empty());
		assertThatIllegalStateException().isThrownBy(() -> LockTester.of(other).loseNext("key"));
		assertThatIllegalStateException().isThrownBy(() -> LockTester.of(other).lose("key"));
	}

	interface Task {

		void execute();

		default void plan() {
		}

	}

	static class LockedTask implements Task {

		@Override
		@CrossProcessLocked(key = "task")
		public void execute() {
		}

	}

	/** With each way to be initialized. */
	abstract static class InitializedManager implements LockManager, InitializingBean {

		private boolean constructed;

		private boolean set;

		private boolean begun;

		@PostConstruct
		void construct() {
			this.constructed = true;
		}

		@Override
		public void afterPropertiesSet() {
			this.set = true;
		}

		void begin() {
			this.begun = true;
		}

	}

}
