package org.crossprocesslock.test.shop;

import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.LockTester;
import org.crossprocesslock.test.TestedCall;
import org.junit.jupiter.api.RepeatedTest;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests that the transaction of a test keeps the locks of the calls in it, and says so.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest
@AutoConfigureCrossProcessLock
@Transactional
class TransactionalTests {

	@Autowired
	private LockTester locks;

	@Autowired
	private Billing billing;

	@Autowired
	private Invoices invoices;

	@RepeatedTest(2)
	void lockIsKeptUntilTheTestIsOver() {
		this.invoices.clear();
		TestedCall call = this.locks.run(() -> this.billing.bill(1));
		assertThat(call).heldOnly("invoice-1");
		assertThat(call.stillHeld()).containsExactly("invoice-1");
		assertThatIllegalStateException().isThrownBy(() -> this.locks.busy("invoice-1"))
			.withMessageContaining("by the transaction of the test");
	}

}
