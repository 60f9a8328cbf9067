package org.crossprocesslock.shedlock;

import java.time.Duration;
import java.util.Optional;

import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.test.support.AbstractExtensibleLockProviderIntegrationTest;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * ShedLock's own tests. What they find locked and free is asked of another manager, which
 * knows nothing of the provider.
 */
@Execution(ExecutionMode.CONCURRENT)
abstract class ShedLockContract extends AbstractExtensibleLockProviderIntegrationTest {

	private static final Duration LIMIT = Duration.ofSeconds(30);

	/** Of the locks that are extended. */
	private static final Duration FIRST_TIME = Duration.ofSeconds(2);

	private boolean hasSlept;

	abstract CrossProcessLockProvider provider();

	abstract LockManager another();

	@Override
	protected ExtensibleLockProvider getLockProvider() {
		return provider();
	}

	@Override
	@Test
	public void shouldBeAbleToExtendLock() {
		inTime(super::shouldBeAbleToExtendLock);
	}

	@Override
	@Test
	public void shouldBeAbleToExtendMultipleTimes() {
		inTime(super::shouldBeAbleToExtendMultipleTimes);
	}

	@Override
	@Test
	public void shouldNotBeAbleToExtendUnlockedLock() {
		inTime(super::shouldNotBeAbleToExtendUnlockedLock);
	}

	/**
	 * Does again what a test did too late, where the machine stood still until the time
	 * of its lock was over. What follows a pause of the test has another time.
	 */
	private void inTime(Runnable test) {
		boolean late;
		do {
			long since = System.nanoTime();
			late = false;
			try {
				test.run();
			}
			catch (AssertionError ex) {
				if (this.hasSlept || System.nanoTime() - since < FIRST_TIME.toNanos()) {
					throw ex;
				}
				late = true;
				assertUnlocked(this.LOCK_NAME1);
			}
		}
		while (late);
	}

	@Override
	protected void sleepFor(Duration duration) {
		this.hasSlept = true;
		super.sleepFor(duration);
	}

	/** Looks as soon as the name is free, and not at a time that others could miss. */
	@Override
	protected void doTestShouldLockAtLeastFor(int slackMillis) throws InterruptedException {
		LockConfiguration any = lockConfig(this.LOCK_NAME1);
		long since;
		Optional<SimpleLock> early;
		do {
			since = System.nanoTime();
			LockConfiguration kept = lockConfig(this.LOCK_NAME1, LOCK_AT_LEAST_FOR.multipliedBy(2), LOCK_AT_LEAST_FOR);
			getLockProvider().lock(kept).orElseThrow().unlock();
			early = getLockProvider().lock(any);
			early.ifPresent(SimpleLock::unlock);
		}
		while (early.isPresent() && System.nanoTime() - since >= LOCK_AT_LEAST_FOR.toNanos());
		assertThat(early).isEmpty();
		await().atMost(LIMIT).until(() -> getLockProvider().lock(any), Optional::isPresent).orElseThrow().unlock();
		assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThanOrEqualTo(LOCK_AT_LEAST_FOR);
	}

	@Override
	protected void assertLocked(String lockName) {
		assertThat(another().tryLock(lockName)).isEmpty();
	}

	@Override
	protected void assertUnlocked(String lockName) {
		try {
			another().lock(lockName, LIMIT).close();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
