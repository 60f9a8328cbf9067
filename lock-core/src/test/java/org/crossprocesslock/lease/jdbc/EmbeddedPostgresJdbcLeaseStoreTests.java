package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

/** The contract on PostgreSQL. */
class EmbeddedPostgresJdbcLeaseStoreTests extends PostgresJdbcLeaseStoreContract {

	private static final DataSource DATABASE = EmbeddedPostgresServer.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

}
