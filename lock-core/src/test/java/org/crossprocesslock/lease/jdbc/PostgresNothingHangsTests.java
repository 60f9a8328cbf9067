package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.postgresql.ds.PGSimpleDataSource;

/** A PostgreSQL server behind an unkind network. */
class PostgresNothingHangsTests extends NothingHangsContract {

	private static final PGSimpleDataSource DATABASE = (PGSimpleDataSource) EmbeddedPostgresServer.newDatabase();

	@Override
	int serverPort() {
		return DATABASE.getPortNumbers()[0];
	}

	@Override
	DataSource through(int port) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(EmbeddedPostgresServer.jdbcUrl(DATABASE.getDatabaseName()));
		dataSource.setPortNumbers(new int[] { port });
		return dataSource;
	}

}
