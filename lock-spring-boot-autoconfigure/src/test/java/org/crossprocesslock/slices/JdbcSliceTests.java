package org.crossprocesslock.slices;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that annotated methods are locked in a slice with a database, in memory, whatever
 * reach the application requires of its own.
 */
@JdbcTest(properties = { "spring.liquibase.enabled=false", "cross-process-lock.required-reach=machines" })
@Import(JdbcSliceTests.Work.class)
class JdbcSliceTests {

	@Autowired
	@SuppressWarnings("NullAway.Init") // Spring sets it
	private LockManager locks;

	@Autowired
	@SuppressWarnings("NullAway.Init")
	private Work work;

	@Test
	void annotatedMethodIsLocked() {
		assertThat(this.locks).isInstanceOf(MemoryLockManager.class);
		assertThat(this.work.isLocked(this.locks)).isTrue();
	}

	@SpringBootConfiguration
	static class Application {

	}

	static class Work {

		@CrossProcessLocked(key = "work")
		public boolean isLocked(LockManager locks) {
			return locks.tryLock("work").isEmpty();
		}

	}

}
