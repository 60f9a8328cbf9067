package org.crossprocesslock.processes;

import java.nio.file.Path;

import org.crossprocesslock.lease.jdbc.EmbeddedPostgresServer;
import org.postgresql.ds.PGSimpleDataSource;

/** Commits of stopped processes on one PostgreSQL server. */
class PostgresStaleCommitTests extends StaleCommitContract {

	@Override
	TestDatabase newDatabase(Path directory) {
		PGSimpleDataSource created = (PGSimpleDataSource) EmbeddedPostgresServer.newDatabase();
		return new TestDatabase(EmbeddedPostgresServer.jdbcUrl(created.getDatabaseName()));
	}

}
