package org.crossprocesslock.sample.invoice;

import java.util.Optional;

import org.crossprocesslock.sample.order.Orders;

import org.springframework.transaction.annotation.Transactional;

/**
 * Numbers orders the way it is often written: read the last number, add one, insert.
 * Right for one process, wrong for two, since both may read before either has inserted.
 *
 * @see LockedInvoiceNumbering
 */
public class InvoiceNumbering {

	private final Orders orders;

	private final Invoices invoices;

	private final InvoiceRenderer renderer;

	InvoiceNumbering(Orders orders, Invoices invoices, InvoiceRenderer renderer) {
		this.orders = orders;
		this.invoices = invoices;
		this.renderer = renderer;
	}

	/**
	 * Writes the invoice of the oldest order that has none.
	 * @return the invoice, or empty if every order has one
	 */
	@Transactional
	public Optional<Invoice> numberNext() {
		return this.orders.nextWithoutInvoice().map((orderId) -> {
			Invoice invoice = new Invoice(this.invoices.lastNumber() + 1, orderId);
			this.renderer.render(invoice);
			this.invoices.add(invoice);
			return invoice;
		});
	}

}
