package org.crossprocesslock.shedlock;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import org.crossprocesslock.HeldKey;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockKeys;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.engine.GuardedWork;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for what ShedLock's own tests do not ask.
 */
@ExtendWith(OutputCaptureExtension.class)
class CrossProcessLockProviderTests {

	private final List<GuardedWork> before = GuardedWork.ofThread();

	private static final Duration SHORT = Duration.ofMillis(20);

	private static final Duration LONG = Duration.ofMinutes(5);

	/** More than anything here takes. */
	private static final Duration LIMIT = Duration.ofSeconds(30);

	private final LockManager locks = new MemoryLockManager();

	private final CrossProcessLockProvider provider = new CrossProcessLockProvider(this.locks);

	/** Of this test: others may have forgotten guards on this thread. */
	private List<GuardedWork> works() {
		return GuardedWork.ofThread().stream().filter((work) -> !this.before.contains(work)).toList();
	}

	@AfterEach
	void close() {
		this.provider.close();
		this.locks.close();
	}

	@Test
	void lockEndsWhileItsHolderStillWorks(CapturedOutput output) throws Exception {
		SimpleLock lock = lock("slow-job", SHORT, Duration.ZERO);
		this.locks.lock("slow-job", LIMIT).close();
		assertThat(output).contains("'slow-job' has taken longer than lockAtMostFor");
		try (LockGuard next = this.locks.tryLock("slow-job").orElseThrow()) {
			assertThatNoException().isThrownBy(lock::unlock);
			assertThat(next.isHeld()).isTrue();
		}
	}

	/** So they are fenced where locks are in the database of the transactions. */
	@Test
	void transactionsOfTheThreadOfAJobCountAsWorkUnderItsLock() {
		SimpleLock lock = lock("fenced-job", LONG, Duration.ZERO);
		assertThat(works()).extracting(GuardedWork::key).containsExactly("fenced-job");
		lock.unlock();
		assertThat(works()).isEmpty();
	}

	@Test
	void lockThatHasEndedCannotBeExtended() throws Exception {
		SimpleLock lock = lock("slow-job", SHORT, Duration.ZERO);
		this.locks.lock("slow-job", LIMIT).close();
		assertThat(lock.extend(LONG, Duration.ZERO)).isEmpty();
		this.locks.tryLock("slow-job").orElseThrow().close();
	}

	/** Others who want the name look for its end from the moment it is granted. */
	@Test
	void lockIsNotEndedByOthersBeforeItHasBegun() {
		ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
		try {
			LockGuard guard = this.locks.tryLock("wanted-job").orElseThrow();
			HeldName name = new HeldName(guard, configuration("wanted-job", LONG, Duration.ZERO), System.nanoTime(),
					timer, (ended) -> {
					});
			name.endIfDue();
			assertThat(guard.isHeld()).isTrue();
			name.begin(configuration("wanted-job", LONG, Duration.ZERO)).unlock();
			assertThat(guard.isHeld()).isFalse();
		}
		finally {
			timer.shutdownNow();
		}
	}

	@Test
	void extensionOutlivesTheFirstTime() throws Exception {
		SimpleLock extended = extendedInTime(Duration.ofSeconds(1));
		assertThat(this.locks.tryLock(LockRequest.of("job", Duration.ofMillis(1200)))).isEmpty();
		extended.unlock();
		this.locks.tryLock("job").orElseThrow().close();
	}

	/** Does it again where the machine stood still until the first time was over. */
	private SimpleLock extendedInTime(Duration first) throws InterruptedException {
		while (true) {
			long since = System.nanoTime();
			Optional<SimpleLock> extended = lock("job", first, Duration.ZERO).extend(LONG, Duration.ZERO);
			if (extended.isPresent() || System.nanoTime() - since < first.toNanos()) {
				return extended.orElseThrow();
			}
			this.locks.lock("job", LIMIT).close();
		}
	}

	@Test
	void whatAnExtensionKeepsIsGivenBackAtItsTime(CapturedOutput output) throws Exception {
		Duration kept = Duration.ofMillis(300);
		long since = System.nanoTime();
		lock("job", LONG, Duration.ZERO).extend(LONG, kept).orElseThrow().unlock();
		this.locks.lock("job", LIMIT).close();
		assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThanOrEqualTo(kept);
		assertThat(output).doesNotContain("The work under 'job'");
	}

	/** The thread goes on to other jobs, whose transactions it is nothing to. */
	@Test
	void whatAnExtensionKeepsIsNoWorkOfTheThreadAnyMore() {
		lock("extended-job", LONG, Duration.ZERO).extend(LONG, LONG).orElseThrow().unlock();
		assertThat(this.locks.tryLock("extended-job")).isEmpty();
		assertThat(works()).isEmpty();
	}

	@Test
	void firstTimeIsNotShortenedByAnExtension() {
		// of its own, since it is kept by the process
		lock("kept-job", LONG, LONG).extend(LONG, Duration.ZERO).orElseThrow().unlock();
		assertThat(this.provider.lock(configuration("kept-job", LONG, Duration.ZERO))).isEmpty();
	}

	@Test
	void lockWhoseLeaseIsLostIsToldAtItsEnd() {
		SimpleLock lock = lock("job", LONG, Duration.ZERO);
		lose("job");
		assertThatExceptionOfType(LockLostException.class).isThrownBy(lock::unlock);
		lock("job", LONG, Duration.ZERO).unlock();
	}

	@Test
	void lockWhoseLeaseIsLostCannotBeExtended() {
		SimpleLock lock = lock("job", LONG, Duration.ZERO);
		lose("job");
		assertThat(lock.extend(LONG, Duration.ZERO)).isEmpty();
	}

	@Test
	void lossIsNoLongerToldToAJobThatHasEnded(CapturedOutput output) throws Exception {
		Duration kept = Duration.ofMillis(300);
		long since = System.nanoTime();
		lock("job", LONG, Duration.ZERO).extend(LONG, kept).orElseThrow().unlock();
		while (!isLost("job")) {
			assertThat(Duration.ofNanos(System.nanoTime() - since)).as("over before it could be lost")
				.isGreaterThanOrEqualTo(kept);
			this.locks.lock("job", LIMIT).close();
			since = System.nanoTime();
			lock("job", LONG, Duration.ZERO).extend(LONG, kept).orElseThrow().unlock();
		}
		this.locks.lock("job", LIMIT).close();
		await().untilAsserted(() -> assertThat(output).contains("The lock of 'job' was not there any more at its end"));
	}

	@Test
	void nameIsTheKeyWhereThatIsAllowed() {
		try (LockGuard guard = this.locks.tryLock("nightly-report").orElseThrow()) {
			assertThat(this.provider.lock(configuration("nightly-report", LONG, Duration.ZERO))).isEmpty();
		}
		SimpleLock lock = lock("report of the night", LONG, Duration.ZERO);
		assertThat(this.locks.tryLock(LockKeys.of("report of the night"))).isEmpty();
		lock.unlock();
	}

	@Test
	void meterHasOneNameForAll() {
		SimpleLock lock = lock("job", LONG, Duration.ZERO);
		assertThat(this.locks.inspection().orElseThrow().report("job").held()).extracting(HeldKey::name)
			.containsExactly("shedlock");
		lock.unlock();
	}

	@Test
	void oneThreadWaitsForAllEnds() throws Exception {
		List<SimpleLock> held = new CopyOnWriteArrayList<>();
		// other providers have such threads in this process, too
		ThreadGroup group = new ThreadGroup("of this test");
		Thread holder = new Thread(group, () -> {
			for (int i = 0; i < 200; i++) {
				held.add(lock("job-" + i, LONG, Duration.ZERO));
			}
		});
		holder.start();
		holder.join();
		assertThat(held).hasSize(200);
		assertThat(Thread.getAllStackTraces().keySet()).filteredOn((thread) -> group.equals(thread.getThreadGroup()))
			.extracting(Thread::getName)
			.filteredOn((name) -> name.startsWith("cross-process-lock-shedlock"))
			.hasSize(1);
		held.forEach(SimpleLock::unlock);
	}

	@Test
	void timeThatIsTooLongToBeCountedIsForEver() {
		lock("job", Duration.ofSeconds(Long.MAX_VALUE), Duration.ZERO).unlock();
	}

	@Test
	void timeThatNobodyKeepsIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.provider.lock(configuration("job", Duration.ofDays(3), Duration.ofDays(2))))
			.withMessageContaining("job");
		this.locks.tryLock("job").orElseThrow().close();
	}

	@Test
	void interruptIsKept() {
		Thread.currentThread().interrupt();
		assertThatExceptionOfType(LockInterruptedException.class)
			.isThrownBy(() -> this.provider.lock(configuration("job", LONG, Duration.ZERO)));
		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void workThatGoesOnAfterTheProviderWasClosedStillLocks() {
		SimpleLock before = lock("before", LONG, Duration.ZERO);
		this.provider.close();
		SimpleLock after = lock("job", LONG, Duration.ZERO);
		assertThat(this.locks.tryLock("job")).isEmpty();
		SimpleLock extended = after.extend(LONG, Duration.ZERO).orElseThrow();
		assertThat(this.locks.tryLock("job")).isEmpty();
		extended.unlock();
		this.locks.tryLock("job").orElseThrow().close();
		before.unlock();
		this.locks.tryLock("before").orElseThrow().close();
	}

	private void lose(String key) {
		assertThat(isLost(key)).isTrue();
	}

	private boolean isLost(String key) {
		LockInspection inspection = this.locks.inspection().orElseThrow();
		return inspection.report(key).held().stream().anyMatch((held) -> inspection.release(key, held.token()));
	}

	private SimpleLock lock(String name, Duration atMost, Duration atLeast) {
		Optional<SimpleLock> lock = this.provider.lock(configuration(name, atMost, atLeast));
		return lock.orElseThrow();
	}

	private static LockConfiguration configuration(String name, Duration atMost, Duration atLeast) {
		return new LockConfiguration(ClockProvider.now(), name, atMost, atLeast);
	}

}
