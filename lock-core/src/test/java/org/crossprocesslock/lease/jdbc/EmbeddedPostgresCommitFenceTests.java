package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

/** The fence on PostgreSQL. */
class EmbeddedPostgresCommitFenceTests extends PostgresCommitFenceContract {

	private static final DataSource DATABASE = EmbeddedPostgresServer.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

}
