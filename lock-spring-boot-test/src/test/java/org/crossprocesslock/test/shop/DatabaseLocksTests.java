package org.crossprocesslock.test.shop;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.autoconfigure.LockBackend;
import org.crossprocesslock.autoconfigure.LockProperties.Backend;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing.Check;
import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.BusyKey;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that a test which asks for locks in its database has them there, with all that
 * can be done to locks in memory.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest
@AutoConfigureCrossProcessLock(backend = Backend.JDBC)
class DatabaseLocksTests {

	@Autowired
	private LockTester locks;

	@Autowired
	private LockBackend backend;

	@Autowired
	private Billing billing;

	@Autowired
	private Invoices invoices;

	@Autowired
	private TransactionFencing fencing;

	@Test
	void everythingWorksInTheDatabase() {
		this.invoices.clear();
		assertThat(this.backend.name()).isEqualTo("jdbc");
		try (BusyKey busy = this.locks.busy("invoice-42")) {
			assertThat(this.locks.run(() -> this.billing.bill(42))).failedWith(LockTimeoutException.class);
		}
		this.locks.loseNext("invoice-42");
		assertThat(this.locks.run(() -> this.billing.bill(42))).failedWith(LockLostException.class);
		assertThat(this.invoices.count()).isZero();
		assertThat(this.fencing.count(Check.REFUSED)).isEqualTo(1);
		assertThat(this.locks.run(() -> this.billing.bill(42))).heldOnly("invoice-42").releasedAll();
		assertThat(this.fencing.count(Check.PASSED)).isEqualTo(1);
	}

}
