package org.crossprocesslock.sample.invoice;

import java.util.Optional;

import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.sample.order.Orders;

import org.springframework.transaction.annotation.Transactional;

/**
 * The same numbering, made right by a lock: it is taken before the transaction begins and
 * released after it has committed, so whoever is next reads what the one before inserted.
 */
public class LockedInvoiceNumbering extends InvoiceNumbering {

	/** What is excluded. Everybody who numbers these orders uses the same key. */
	public static final String KEY = "invoice-numbers";

	LockedInvoiceNumbering(Orders orders, Invoices invoices, InvoiceRenderer renderer) {
		super(orders, invoices, renderer);
	}

	@Override
	@CrossProcessLocked(key = KEY, waitTime = "30s")
	@Transactional
	public Optional<Invoice> numberNext() {
		return super.numberNext();
	}

}
