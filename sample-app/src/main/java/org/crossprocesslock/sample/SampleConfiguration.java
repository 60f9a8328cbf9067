package org.crossprocesslock.sample;

import org.crossprocesslock.sample.database.Tables;
import org.crossprocesslock.sample.invoice.InvoiceRenderer;
import org.crossprocesslock.sample.invoice.Invoices;
import org.crossprocesslock.sample.invoice.SlowInvoiceRenderer;
import org.crossprocesslock.sample.order.OrderFile;
import org.crossprocesslock.sample.order.OrderImport;
import org.crossprocesslock.sample.order.Orders;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Profile;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.EnableScheduling;

@Configuration(proxyBeanMethods = false)
class SampleConfiguration {

	@Bean
	Tables tables(SampleProperties properties) {
		return new Tables(properties.tablePrefix());
	}

	@Bean
	Orders orders(JdbcClient database, Tables tables) {
		return new Orders(database, tables);
	}

	@Bean
	Invoices invoices(JdbcClient database, Tables tables) {
		return new Invoices(database, tables);
	}

	@Bean
	@Profile("!worker")
	InvoiceRenderer invoiceRenderer(SampleProperties properties) {
		return new SlowInvoiceRenderer(properties.renderingTime());
	}

	/** What only the service does: the workers of the demo find their orders there. */
	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	@Profile("!worker")
	static class ServiceConfiguration {

		@Bean
		OrderImport orderImport(JdbcClient database, Tables tables, Orders orders, SampleProperties properties) {
			return new OrderImport(database, tables, orders, OrderFile.of(properties.orders()));
		}

		/** Runs before requests are accepted and before the numbering is scheduled. */
		@Bean
		SmartInitializingSingleton importAtStart(OrderImport orderImport) {
			return orderImport::importOnce;
		}

	}

}
