package org.crossprocesslock.sample.invoice;

/** Makes the document that the customer gets. */
public interface InvoiceRenderer {

	/**
	 * Renders the invoice. Takes a moment, in which others work as well.
	 * @param invoice the invoice
	 */
	void render(Invoice invoice);

}
