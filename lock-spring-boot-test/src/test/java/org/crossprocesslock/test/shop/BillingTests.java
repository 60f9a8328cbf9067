package org.crossprocesslock.test.shop;

import java.time.Duration;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.BusyKey;
import org.crossprocesslock.test.LockTester;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of annotated methods, as users write them.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest
@AutoConfigureCrossProcessLock
class BillingTests {

	@Autowired
	private LockTester locks;

	@Autowired
	private Billing billing;

	@Autowired
	private Invoices invoices;

	@BeforeEach
	void clear() {
		this.invoices.clear();
	}

	@Test
	void billsUnderTheLockOfTheInvoice() {
		assertThat(this.locks.run(() -> this.billing.bill(42))).heldOnly("invoice-42").releasedAll();
	}

	@Test
	void whatMustBeLockedIsAnnotated() {
		assertThat(this.locks.methods(Billing.class, "bill")).areLocked()
			.haveKeys("invoice-#{#number}")
			.haveWaitTime(Duration.ofSeconds(30));
		assertThat(this.locks.methods(Billing.class, "unbilled")).areNotLocked();
	}

	@Test
	void busyInvoiceIsNotBilledTwice() {
		try (BusyKey busy = this.locks.busy("invoice-42")) {
			assertThat(this.locks.run(() -> this.billing.bill(42))).failedWith(LockTimeoutException.class)
				.heldNothing();
			assertThat(this.locks.run(() -> this.billing.bill(43))).held("invoice-43");
		}
		assertThat(this.invoices.count()).isEqualTo(1);
	}

	@Test
	void reportIsSkippedWhileAnotherInstanceMakesIt() {
		try (BusyKey busy = this.locks.busy("nightly-report")) {
			assertThat(this.locks.run(this.billing::report)).heldNothing();
		}
	}

	@Test
	void nothingIsBilledUnderALostLock() {
		this.locks.loseNext("invoice-42");
		assertThat(this.locks.run(() -> this.billing.bill(42))).failedWith(LockLostException.class).held("invoice-42");
		assertThat(this.invoices.count()).isZero();
	}

}
