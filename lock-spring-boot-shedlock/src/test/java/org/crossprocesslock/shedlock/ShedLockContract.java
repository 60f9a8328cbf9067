package org.crossprocesslock.shedlock;

import java.time.Duration;

import net.javacrumbs.shedlock.core.ExtensibleLockProvider;
import net.javacrumbs.shedlock.test.support.AbstractExtensibleLockProviderIntegrationTest;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * ShedLock's own tests. What they find locked and free is asked of another manager, which
 * knows nothing of the provider.
 */
@Execution(ExecutionMode.CONCURRENT)
abstract class ShedLockContract extends AbstractExtensibleLockProviderIntegrationTest {

	abstract CrossProcessLockProvider provider();

	abstract LockManager another();

	@Override
	protected ExtensibleLockProvider getLockProvider() {
		return provider();
	}

	@Override
	protected void assertLocked(String lockName) {
		assertThat(another().tryLock(lockName)).isEmpty();
	}

	@Override
	protected void assertUnlocked(String lockName) {
		try {
			another().lock(lockName, Duration.ofSeconds(10)).close();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
