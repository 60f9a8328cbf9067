package org.crossprocesslock.test.recipes;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * What is left of each item, and the token of the lock under which that was written.
 */
@Repository
class Stock {

	private final JdbcClient jdbc;

	Stock(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void reserve(String item) {
		this.jdbc.sql("update stock set quantity = quantity - 1 where item = ?").param(item).update();
	}

	boolean reserve(String item, long token) {
		return this.jdbc
			.sql("update stock set quantity = quantity - 1, lock_token = ? where item = ? and lock_token <= ?")
			.params(token, item, token)
			.update() == 1;
	}

	int left(String item) {
		return this.jdbc.sql("select quantity from stock where item = ?").param(item).query(Integer.class).single();
	}

}
