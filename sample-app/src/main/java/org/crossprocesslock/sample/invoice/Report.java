package org.crossprocesslock.sample.invoice;

/**
 * What the tables say about the invoice numbers.
 *
 * @param orders how many orders there are
 * @param pending orders that have no invoice
 * @param invoices how many invoices there are
 * @param gaps numbers from 1 to the highest that no invoice has
 * @param duplicates invoices whose number another one had before
 * @param invoicedAgain invoices for an order that had one before
 */
public record Report(long orders, long pending, long invoices, long gaps, long duplicates, long invoicedAgain) {

	/**
	 * Whether every order has exactly one invoice and the numbers run from 1 without gap
	 * or double.
	 * @return {@code true} if nothing is missing or doubled
	 */
	public boolean isComplete() {
		return this.pending == 0 && this.gaps == 0 && this.duplicates == 0 && this.invoicedAgain == 0;
	}

}
