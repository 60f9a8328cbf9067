package org.crossprocesslock.lease.jdbc;

import java.util.UUID;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;

/** The contract on H2 in memory. */
class H2JdbcLeaseStoreTests extends JdbcLeaseStoreContract {

	private final DataSource database = inMemory();

	static JdbcDataSource inMemory() {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
		return dataSource;
	}

	@Override
	DataSource database() {
		return this.database;
	}

	@Override
	String lockClause() {
		return "for update";
	}

}
