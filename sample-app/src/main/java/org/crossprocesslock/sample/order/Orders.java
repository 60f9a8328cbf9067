package org.crossprocesslock.sample.order;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.crossprocesslock.sample.database.Tables;

import org.springframework.jdbc.core.simple.JdbcClient;

/** The orders in the database. */
public class Orders {

	private final JdbcClient database;

	private final Tables tables;

	/**
	 * Orders in a data set.
	 * @param database where
	 * @param tables which data set
	 */
	public Orders(JdbcClient database, Tables tables) {
		this.database = database;
		this.tables = tables;
	}

	/**
	 * Adds an order.
	 * @param order the order
	 * @throws org.springframework.dao.DuplicateKeyException if its reference is known
	 */
	public void add(Order order) {
		this.database.sql(String.format(Locale.ROOT, """
				insert into %s (reference, customer, ordered_on, item, quantity, amount)
				values (?, ?, ?, ?, ?, ?)
				""", this.tables.orders()))
			.params(order.reference(), order.customer(), order.orderedOn(), order.item(), order.quantity(),
					order.amount())
			.update();
	}

	/**
	 * Adds orders, first to last.
	 * @param orders the orders
	 */
	public void addAll(List<Order> orders) {
		orders.forEach(this::add);
	}

	/**
	 * Whether there is no order.
	 * @return {@code true} if there is none
	 */
	public boolean isEmpty() {
		return this.database
			.sql(String.format(Locale.ROOT, "select not exists (select 1 from %s)", this.tables.orders()))
			.query(Boolean.class)
			.single();
	}

	/**
	 * The oldest order without an invoice.
	 * @return its id, or empty if every order has one
	 */
	public Optional<Long> nextWithoutInvoice() {
		return this.database.sql(String.format(Locale.ROOT, """
				select o.id from %s o
				where not exists (select 1 from %s i where i.order_id = o.id)
				order by o.id
				fetch first row only
				""", this.tables.orders(), this.tables.invoices())).query(Long.class).optional();
	}

}
