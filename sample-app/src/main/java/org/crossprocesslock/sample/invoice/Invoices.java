package org.crossprocesslock.sample.invoice;

import java.util.Locale;

import org.crossprocesslock.sample.database.Tables;

import org.springframework.jdbc.core.simple.JdbcClient;

/** The invoices in the database. */
public class Invoices {

	private final JdbcClient database;

	private final Tables tables;

	/**
	 * Invoices in a data set.
	 * @param database where
	 * @param tables which data set
	 */
	public Invoices(JdbcClient database, Tables tables) {
		this.database = database;
		this.tables = tables;
	}

	long lastNumber() {
		return this.database.sql("select coalesce(max(invoice_number), 0) from " + this.tables.invoices())
			.query(Long.class)
			.single();
	}

	void add(Invoice invoice) {
		this.database
			.sql(String.format(Locale.ROOT, "insert into %s (invoice_number, order_id) values (?, ?)",
					this.tables.invoices()))
			.params(invoice.number(), invoice.orderId())
			.update();
	}

	/**
	 * Judges the data set as it is now.
	 * @return the report, from one statement and so of one moment
	 */
	public Report report() {
		return this.database.sql(String.format(Locale.ROOT, """
				select
					(select count(*) from %1$s) as orders,
					(select count(*) from %1$s o
						where not exists (select 1 from %2$s i where i.order_id = o.id)) as pending,
					count(*) as invoices,
					coalesce(max(invoice_number), 0) - count(distinct invoice_number) as gaps,
					count(*) - count(distinct invoice_number) as duplicates,
					count(*) - count(distinct order_id) as invoiced_again
				from %2$s
				""", this.tables.orders(), this.tables.invoices())).query(Report.class).single();
	}

}
