package org.crossprocesslock.sample.order;

import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.sample.database.Tables;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Transactional;

/** Brings the orders of a file into an empty database. */
public class OrderImport {

	private static final Logger logger = LoggerFactory.getLogger(OrderImport.class);

	private final JdbcClient database;

	private final Tables tables;

	private final Orders orders;

	private final OrderFile file;

	/**
	 * An import.
	 * @param database where to
	 * @param tables which data set, created when absent
	 * @param orders the orders of that data set
	 * @param file where from
	 */
	public OrderImport(JdbcClient database, Tables tables, Orders orders, OrderFile file) {
		this.database = database;
		this.tables = tables;
		this.orders = orders;
		this.file = file;
	}

	/**
	 * Creates the tables and imports the file, unless there are orders already. Under a
	 * lock because two services that start together would both find no orders.
	 */
	@CrossProcessLocked(key = "order-import", waitTime = "60s")
	@Transactional
	public void importOnce() {
		// commits at once where the database says so, as H2 does: safe under a lost lock,
		// since it may be done twice
		this.tables.create(this.database);
		if (!this.orders.isEmpty()) {
			logger.info("There are orders already, those of {} are not imported", this.file.name());
			return;
		}
		this.orders.addAll(this.file.read());
		logger.info("Imported the orders of {}", this.file.name());
	}

}
