package org.crossprocesslock.test.shop;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.OnBusy;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Annotated methods.
 */
@Service
class Billing {

	private final Invoices invoices;

	Billing(Invoices invoices) {
		this.invoices = invoices;
	}

	@CrossProcessLocked(key = "invoice-#{#number}", waitTime = "30s", fencing = Fencing.REQUIRED)
	@Transactional
	public void bill(int number) {
		this.invoices.add(number);
	}

	@CrossProcessLocked(key = "nightly-report", waitTime = "0s", holdAtLeast = "10m", onBusy = OnBusy.SKIP)
	public void report() {
		this.invoices.count();
	}

	public int unbilled() {
		return this.invoices.count();
	}

}
