package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.postgresql.ds.PGSimpleDataSource;

/** The tables in PostgreSQL. */
class PostgresJdbcLeaseSchemaTests extends JdbcLeaseSchemaContract {

	private static final DataSource DATABASE = EmbeddedPostgresServer.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

	@Override
	DataSource withoutRights() {
		execute("drop role if exists guest");
		execute("create role guest login");
		PGSimpleDataSource guest = new PGSimpleDataSource();
		guest.setUrl(((PGSimpleDataSource) DATABASE).getUrl());
		guest.setUser("guest");
		return guest;
	}

}
