package org.crossprocesslock.processes;

import java.nio.file.Path;

import org.crossprocesslock.lease.jdbc.EmbeddedPostgresServer;
import org.postgresql.ds.PGSimpleDataSource;

/** Processes on one PostgreSQL server. */
class PostgresProcessTests extends ProcessContract {

	@Override
	TestDatabase newDatabase(Path directory) {
		return newPostgresDatabase();
	}

	static TestDatabase newPostgresDatabase() {
		PGSimpleDataSource created = (PGSimpleDataSource) EmbeddedPostgresServer.newDatabase();
		return new TestDatabase(EmbeddedPostgresServer.jdbcUrl(created.getDatabaseName()));
	}

}
