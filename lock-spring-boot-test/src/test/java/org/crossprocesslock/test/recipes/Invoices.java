package org.crossprocesslock.test.recipes;

import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * The rows of invoices, which are moved to an archive.
 */
@Repository
class Invoices {

	private final JdbcClient jdbc;

	Invoices(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void add(long customerId) {
		this.jdbc.sql("insert into invoice values (?)").param(customerId).update();
	}

	List<Long> next(int many) {
		return this.jdbc.sql("select number from invoice order by number fetch first ? rows only")
			.param(many)
			.query(Long.class)
			.list();
	}

	void archive(List<Long> numbers) {
		this.jdbc.sql("insert into archive select number from invoice where number in (:numbers)")
			.param("numbers", numbers)
			.update();
		this.jdbc.sql("delete from invoice where number in (:numbers)").param("numbers", numbers).update();
	}

}
