package org.crossprocesslock.sample.invoice;

import org.crossprocesslock.sample.order.Orders;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The numbering, with the lock or, for the demo, without. */
@Configuration(proxyBeanMethods = false)
class NumberingConfiguration {

	@Bean
	@ConditionalOnBooleanProperty(name = "sample.locked")
	InvoiceNumbering lockedNumbering(Orders orders, Invoices invoices, InvoiceRenderer renderer) {
		return new LockedInvoiceNumbering(orders, invoices, renderer);
	}

	@Bean
	@ConditionalOnBooleanProperty(name = "sample.locked", havingValue = false)
	InvoiceNumbering unlockedNumbering(Orders orders, Invoices invoices, InvoiceRenderer renderer) {
		return new InvoiceNumbering(orders, invoices, renderer);
	}

}
