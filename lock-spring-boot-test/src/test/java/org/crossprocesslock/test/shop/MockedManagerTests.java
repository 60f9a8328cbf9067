package org.crossprocesslock.test.shop;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for a mock in the place of the lock manager.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest
@AutoConfigureCrossProcessLock
class MockedManagerTests {

	@Autowired
	private LockTester tester;

	@Autowired
	private Billing billing;

	@MockitoBean
	private LockManager locks;

	@Test
	void mockIsUsedAndHasNoTester() throws Exception {
		LockGuard guard = mock(LockGuard.class);
		given(guard.isHeld()).willReturn(true);
		given(guard.key()).willReturn("invoice-1");
		given(this.locks.lock(any())).willReturn(guard);
		this.billing.bill(1);
		then(guard).should().close();
		assertThatIllegalStateException().isThrownBy(() -> this.tester.busy("invoice-1")).withMessageContaining("mock");
	}

}
