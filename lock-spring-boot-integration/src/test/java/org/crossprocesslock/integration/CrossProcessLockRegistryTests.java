package org.crossprocesslock.integration;

import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import org.crossprocesslock.HeldKey;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockKeys;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.engine.GuardedWork;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.integration.support.locks.DistributedLock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests for {@link CrossProcessLockRegistry}.
 */
@ExtendWith(OutputCaptureExtension.class)
@SuppressWarnings("LockNotBeforeTry") // each step of a lock is what is tested
class CrossProcessLockRegistryTests {

	private final List<GuardedWork> before = GuardedWork.ofThread();

	private static final Duration SHORT = Duration.ofMillis(20);

	private static final Duration LIMIT = Duration.ofSeconds(30);

	private final LockManager locks = new MemoryLockManager();

	/** To whom this registry is somebody else. */
	private final LockManager elsewhere = new MemoryLockManager();

	private final CrossProcessLockRegistry registry = new CrossProcessLockRegistry(this.locks);

	/** Of this test: others may have forgotten guards on this thread. */
	private List<GuardedWork> works() {
		return GuardedWork.ofThread().stream().filter((work) -> !this.before.contains(work)).toList();
	}

	@AfterEach
	void close() {
		this.registry.close();
		this.elsewhere.close();
		this.locks.close();
	}

	/** So they are fenced where locks are in the database of the transactions. */
	@Test
	void transactionsOfTheThreadCountAsWorkUnderItsLockUnlessItCannotBeInterrupted() throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		assertThat(lock.tryLock()).isTrue();
		assertThat(works()).extracting(GuardedWork::key).containsExactly("key");
		lock.unlock();
		this.registry.executeLocked("key", () -> assertThat(works()).hasSize(1));
		lock.lock();
		assertThat(works()).isEmpty();
		lock.unlock();
	}

	@Test
	void everyWayToLockExcludesOthersUntilItIsUnlocked() throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		lock.lock();
		unlockOfThe(lock);
		lock.lockInterruptibly();
		unlockOfThe(lock);
		lock.lock(LIMIT);
		unlockOfThe(lock);
		assertThat(lock.tryLock()).isTrue();
		unlockOfThe(lock);
		assertThat(lock.tryLock(1, TimeUnit.SECONDS)).isTrue();
		unlockOfThe(lock);
		assertThat(lock.tryLock(Duration.ZERO, LIMIT)).isTrue();
		unlockOfThe(lock);
		this.registry.executeLocked("key", () -> assertThat(this.elsewhere.tryLock("key")).isEmpty());
		this.elsewhere.tryLock("key").orElseThrow().close();
	}

	private void unlockOfThe(DistributedLock held) {
		assertThat(this.elsewhere.tryLock("key")).isEmpty();
		held.unlock();
		this.elsewhere.tryLock("key").orElseThrow().close();
	}

	@Test
	void busyLockIsNotHad() throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		try (LockGuard other = this.elsewhere.tryLock("key").orElseThrow()) {
			assertThat(lock.tryLock()).isFalse();
			assertThat(lock.tryLock(-1, TimeUnit.SECONDS)).isFalse();
			assertThat(lock.tryLock(1, TimeUnit.MILLISECONDS)).isFalse();
			assertThat(lock.tryLock(Duration.ofMillis(1), LIMIT)).isFalse();
			assertThatExceptionOfType(TimeoutException.class)
				.isThrownBy(() -> this.registry.executeLocked("key", Duration.ofMillis(1), () -> {
				}));
			assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
			assertThat(other.isHeld()).isTrue();
		}
	}

	@ParameterizedTest
	@EnumSource
	void longestWaitOfEachUnitIsAllowed(TimeUnit unit) throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		assertThat(lock.tryLock(Long.MAX_VALUE, unit)).isTrue();
		lock.unlock();
	}

	@Test
	void threadEntersAgainAndLeavesAsOften() {
		DistributedLock lock = this.registry.obtain("key");
		lock.lock();
		assertThat(this.registry.obtain("key").tryLock()).isTrue();
		lock.lock();
		lock.unlock();
		lock.unlock();
		assertThat(this.elsewhere.tryLock("key")).isEmpty();
		lock.unlock();
		this.elsewhere.tryLock("key").orElseThrow().close();
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
	}

	@Test
	void lockBelongsToItsThread() {
		DistributedLock lock = this.registry.obtain("key");
		lock.lock();
		assertThat(CompletableFuture.supplyAsync(lock::tryLock).join()).isFalse();
		assertThat(CompletableFuture.runAsync(lock::unlock)).failsWithin(LIMIT)
			.withThrowableThat()
			.withCauseInstanceOf(IllegalMonitorStateException.class);
		lock.unlock();
	}

	@Test
	void waitEndsWhenTheLockIsFree() {
		DistributedLock lock = this.registry.obtain("key");
		lock.lock();
		CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> {
			lock.lock();
			lock.unlock();
			return true;
		});
		awaitWaiting();
		assertThat(waiting).isNotDone();
		lock.unlock();
		assertThat(waiting).succeedsWithin(LIMIT).isEqualTo(true);
	}

	@Test
	void interruptEndsOnlyTheWaitThatMayBeInterrupted() throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		lock.lock();
		AtomicBoolean stillInterrupted = new AtomicBoolean();
		Thread patient = new Thread(() -> {
			lock.lock();
			stillInterrupted.set(Thread.currentThread().isInterrupted());
			lock.unlock();
		});
		CompletableFuture<InterruptedException> ended = new CompletableFuture<>();
		Thread impatient = new Thread(() -> {
			try {
				lock.lockInterruptibly();
			}
			catch (InterruptedException ex) {
				ended.complete(ex);
			}
		});
		patient.start();
		awaitWaiting();
		impatient.start();
		patient.interrupt();
		impatient.interrupt();
		assertThat(ended).succeedsWithin(LIMIT);
		assertThat(patient.isAlive()).isTrue();
		lock.unlock();
		patient.join(LIMIT.toMillis());
		assertThat(stillInterrupted).isTrue();
	}

	private void awaitWaiting() {
		await().until(() -> this.locks.inspection().orElseThrow().report("key").waiting() != null);
	}

	@Test
	void lostLockIsToldAtItsEnd() {
		DistributedLock lock = this.registry.obtain("key");
		lock.lock();
		lose("key");
		assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::lock);
		assertThatExceptionOfType(ConcurrentModificationException.class)
			.isThrownBy(() -> this.registry.renewLock("key"));
		assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock)
			.withMessageContaining("'key'");
		assertThat(lock.tryLock()).isTrue();
		lock.unlock();
	}

	@Test
	void whoTriesToEnterALostLockAgainIsRefusedOnce() throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		lock.lock();
		lose("key");
		assertThat(lock.tryLock(1, TimeUnit.SECONDS)).isFalse();
		assertThatExceptionOfType(IllegalMonitorStateException.class).isThrownBy(lock::unlock);
		assertThat(lock.tryLock(1, TimeUnit.SECONDS)).isTrue();
		lock.unlock();
	}

	@Test
	void lockEndsWithItsTimeToLive(CapturedOutput output) throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		lock.lock(SHORT);
		try (LockGuard next = this.elsewhere.lock("key", LIMIT)) {
			assertThat(output).contains("The time to live of the lock of 'key' is over");
			assertThatExceptionOfType(ConcurrentModificationException.class)
				.isThrownBy(() -> this.registry.renewLock("key", LIMIT));
			assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);
			assertThat(next.isHeld()).isTrue();
		}
	}

	@Test
	void renewalGivesMoreTime() throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		Duration ttl = Duration.ofSeconds(1);
		inTime(lock, ttl, () -> {
			assertThat(lock.tryLock(Duration.ZERO, ttl)).isTrue();
			this.registry.renewLock("key", LIMIT);
		});
		assertThat(this.elsewhere.tryLock(LockRequest.of("key", Duration.ofMillis(1200)))).isEmpty();
		lock.unlock();
	}

	@Test
	void renewalWithoutATimeGivesTheSameAgain() throws Exception {
		DistributedLock lock = this.registry.obtain("key");
		Duration ttl = Duration.ofMillis(500);
		AtomicLong since = new AtomicLong();
		inTime(lock, ttl, () -> {
			lock.lock(ttl);
			Optional<LockGuard> early = this.elsewhere.tryLock(LockRequest.of("key", Duration.ofMillis(250)));
			early.ifPresent(LockGuard::close);
			assertThat(early).isEmpty();
			since.set(System.nanoTime());
			this.registry.renewLock("key");
		});
		this.elsewhere.lock("key", LIMIT).close();
		assertThat(Duration.ofNanos(System.nanoTime() - since.get())).isGreaterThanOrEqualTo(ttl);
	}

	/**
	 * Does again what came too late for the time to live, as where the machine stood
	 * still.
	 */
	private static void inTime(DistributedLock lock, Duration ttl, Renewal renewal) throws Exception {
		boolean late;
		do {
			long since = System.nanoTime();
			late = false;
			try {
				renewal.run();
			}
			catch (AssertionError | ConcurrentModificationException ex) {
				if (System.nanoTime() - since < ttl.toNanos()) {
					throw ex;
				}
				late = true;
				assertThatExceptionOfType(ConcurrentModificationException.class).isThrownBy(lock::unlock);
			}
		}
		while (late);
	}

	@Test
	void onlyALockOfTheThreadIsRenewed() {
		assertThatIllegalStateException().isThrownBy(() -> this.registry.renewLock("key"));
		DistributedLock lock = this.registry.obtain("key");
		lock.lock();
		this.registry.renewLock("key");
		lock.unlock();
	}

	@Test
	void anyKeyIsAllowedAndThoseThatAreKeysStay() {
		DistributedLock lock = this.registry.obtain(4711);
		lock.lock();
		assertThat(this.elsewhere.tryLock("4711")).isEmpty();
		assertThat(this.locks.inspection().orElseThrow().report("4711").held()).extracting(HeldKey::name)
			.containsExactly(CrossProcessLockRegistry.REQUEST_NAME);
		lock.unlock();
		DistributedLock file = this.registry.obtain("/tmp/a file");
		file.lock();
		assertThat(this.elsewhere.tryLock(LockKeys.of("/tmp/a file"))).isEmpty();
		file.unlock();
		assertThatIllegalArgumentException().isThrownBy(() -> this.registry.obtain(""));
	}

	@ParameterizedTest
	@MethodSource("badKeys")
	void keyThatWouldBeAnotherOneInEachProcessIsRefused(Object lockKey, String reason) {
		assertThatIllegalArgumentException().isThrownBy(() -> this.registry.obtain(lockKey))
			.withMessageContaining("The lock key is " + reason);
		assertThatIllegalArgumentException().isThrownBy(() -> this.registry.renewLock(lockKey));
		assertThatIllegalArgumentException().isThrownBy(() -> this.registry.renewLock(lockKey, LIMIT));
	}

	static Stream<Arguments> badKeys() {
		return Stream.of(arguments(new Object(), "a Object, which has no toString()"),
				arguments(new byte[] { 1 }, "a collection, map or array"),
				arguments(List.of(new Object()), "a collection, map or array"));
	}

	@Test
	void thereAreNoConditions() {
		assertThatExceptionOfType(UnsupportedOperationException.class)
			.isThrownBy(() -> this.registry.obtain("key").newCondition());
	}

	@Test
	void failureOfTheManagerIsNotBusy() {
		this.locks.close();
		DistributedLock lock = this.registry.obtain("key");
		assertThatIllegalStateException().isThrownBy(lock::tryLock);
		assertThatIllegalStateException().isThrownBy(lock::lock);
		assertThatIllegalStateException().isThrownBy(lock::lockInterruptibly);
	}

	@Test
	void workThatGoesOnAfterTheRegistryWasClosedStillLocks() {
		DistributedLock before = this.registry.obtain("before");
		before.lock(LIMIT);
		this.registry.close();
		DistributedLock after = this.registry.obtain("key");
		after.lock(LIMIT);
		this.registry.renewLock("key");
		unlockOfThe(after);
		before.unlock();
		this.elsewhere.tryLock("before").orElseThrow().close();
	}

	/** Locks and renews. */
	private interface Renewal {

		void run() throws Exception;

	}

	private void lose(String key) {
		long token = this.locks.inspection().orElseThrow().report(key).held().get(0).token();
		assertThat(this.locks.inspection().orElseThrow().release(key, token)).isTrue();
	}

}
