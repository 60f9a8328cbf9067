package org.crossprocesslock.slices;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.context.annotation.Import;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that annotated methods are locked in a slice with JPA.
 */
@DataJpaTest(properties = "spring.liquibase.enabled=false")
@Import(DataJpaSliceTests.Work.class)
class DataJpaSliceTests {

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
	@AutoConfigurationPackage
	static class Application {

	}

	static class Work {

		@CrossProcessLocked(key = "work")
		public boolean isLocked(LockManager locks) {
			return locks.tryLock("work").isEmpty();
		}

	}

}
