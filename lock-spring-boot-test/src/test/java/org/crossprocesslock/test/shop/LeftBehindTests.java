package org.crossprocesslock.test.shop;

import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.RepeatedTest;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that no test finds what the one before it has left.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest
@AutoConfigureCrossProcessLock
class LeftBehindTests {

	@Autowired
	private LockTester locks;

	@RepeatedTest(2)
	void keyIsFreeAgain() {
		assertThat(this.locks.run(() -> this.locks.lockManager().tryLock("left").orElseThrow().close())).held("left");
		this.locks.loseNext("left-too");
		this.locks.busy("left");
	}

}
