package org.crossprocesslock.test.shop;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The rows of invoices.
 */
@Repository
class Invoices {

	private final JdbcClient jdbc;

	Invoices(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void add(int number) {
		this.jdbc.sql("insert into invoice values (?)").param(number).update();
	}

	int count() {
		return this.jdbc.sql("select count(*) from invoice").query(Integer.class).single();
	}

	void clear() {
		this.jdbc.sql("delete from invoice").update();
	}

}
