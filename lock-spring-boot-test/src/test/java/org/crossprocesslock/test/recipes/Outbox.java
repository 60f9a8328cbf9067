package org.crossprocesslock.test.recipes;

import java.util.List;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/**
 * Messages that were written with the data they are about, and are still to be sent.
 */
@Repository
class Outbox {

	private final JdbcClient jdbc;

	Outbox(JdbcClient jdbc) {
		this.jdbc = jdbc;
	}

	void write(long number, String text) {
		this.jdbc.sql("insert into outbox values (?, ?, false)").params(number, text).update();
	}

	List<Message> unsent() {
		return this.jdbc.sql("select number, text from outbox where not sent order by number")
			.query(Message.class)
			.list();
	}

	void markSent(Message message) {
		this.jdbc.sql("update outbox set sent = true where number = ?").param(message.number()).update();
	}

	record Message(long number, String text) {
	}

}
