package org.crossprocesslock.test.shop;

import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that a context without auto-configuration needs nothing but the annotation.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest(classes = PartOfApplicationTests.Till.class)
@AutoConfigureCrossProcessLock
class PartOfApplicationTests {

	@Autowired
	private LockTester locks;

	@Autowired
	private Till till;

	@Test
	void methodIsLocked() {
		assertThat(this.locks.run(this.till::open)).heldOnly("till").releasedAll();
	}

	static class Till {

		@CrossProcessLocked(key = "till")
		public void open() {
		}

	}

}
