package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

/** The contract on PostgreSQL. */
class EmbeddedPostgresLeaseLockManagerTests extends JdbcLeaseLockManagerContract {

	private static final DataSource DATABASE = EmbeddedPostgresServer.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

}
