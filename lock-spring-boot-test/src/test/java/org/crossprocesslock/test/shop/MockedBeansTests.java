package org.crossprocesslock.test.shop;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.context.bean.override.mockito.MockitoSpyBean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willAnswer;

/**
 * Tests that mocks and spies of the application live beside the tester.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest
@AutoConfigureCrossProcessLock
class MockedBeansTests {

	@Autowired
	private LockTester tester;

	@MockitoBean
	private Invoices invoices;

	@MockitoSpyBean
	private Billing billing;

	@MockitoSpyBean
	private LockManager locks;

	@Test
	void spiesAreLockedAndTheSpyOfTheManagerIsUsed() throws Exception {
		assertThat(this.tester.run(() -> this.billing.bill(42))).heldOnly("invoice-42").releasedAll();
		then(this.invoices).should().add(42);
		then(this.billing).should().bill(42);
		then(this.locks).should().lock(any());
	}

	@Test
	void mockOfWhatTheWorkCallsLosesTheLock() {
		willAnswer((call) -> {
			this.tester.lose("invoice-42");
			return null;
		}).given(this.invoices).add(42);
		assertThat(this.tester.run(() -> this.billing.bill(42))).failedWith(LockLostException.class);
	}

}
