package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/** A pool with defaults that do not suit the store: no autocommit, SERIALIZABLE. */
final class StrictPool {

	private StrictPool() {
	}

	static HikariDataSource of(DataSource database, int size) {
		HikariConfig config = new HikariConfig();
		config.setDataSource(database);
		config.setMaximumPoolSize(size);
		config.setAutoCommit(false);
		config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
		return new HikariDataSource(config);
	}

}
