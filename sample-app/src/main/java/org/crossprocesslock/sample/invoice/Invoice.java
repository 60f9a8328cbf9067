package org.crossprocesslock.sample.invoice;

/**
 * An invoice for an order.
 *
 * @param number the invoice number, which tax law wants to be without gaps and doubles
 * @param orderId the order
 */
public record Invoice(long number, long orderId) {

}
