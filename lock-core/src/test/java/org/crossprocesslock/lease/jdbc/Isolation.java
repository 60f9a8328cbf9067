package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;

import org.h2.engine.Constants;

/** The isolation levels that a transaction of an application may have. */
enum Isolation {

	READ_UNCOMMITTED(Connection.TRANSACTION_READ_UNCOMMITTED), READ_COMMITTED(Connection.TRANSACTION_READ_COMMITTED),
	REPEATABLE_READ(Connection.TRANSACTION_REPEATABLE_READ),

	/** H2 only. */
	SNAPSHOT(Constants.TRANSACTION_SNAPSHOT), SERIALIZABLE(Connection.TRANSACTION_SERIALIZABLE);

	private final int level;

	Isolation(int level) {
		this.level = level;
	}

	int level() {
		return this.level;
	}

}
