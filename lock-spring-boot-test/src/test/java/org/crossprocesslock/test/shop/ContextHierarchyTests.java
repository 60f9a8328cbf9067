package org.crossprocesslock.test.shop;

import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.RepeatedTest;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.ContextHierarchy;

/**
 * Tests that no test finds what the one before it has left in a context above.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest
@ContextHierarchy({ @ContextConfiguration(classes = ShopApplication.class),
		@ContextConfiguration(classes = ContextHierarchyTests.Below.class) })
@AutoConfigureCrossProcessLock
class ContextHierarchyTests {

	@Autowired
	private LockTester locks;

	@RepeatedTest(2)
	void keyIsFreeAgain() {
		this.locks.busy("left-above");
	}

	@Configuration(proxyBeanMethods = false)
	static class Below {

	}

}
