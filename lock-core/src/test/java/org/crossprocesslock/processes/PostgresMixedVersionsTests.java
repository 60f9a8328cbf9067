package org.crossprocesslock.processes;

import java.nio.file.Path;

/** Two versions on one PostgreSQL server. */
class PostgresMixedVersionsTests extends MixedVersionsContract {

	@Override
	TestDatabase newDatabase(Path directory) {
		return PostgresProcessTests.newPostgresDatabase();
	}

}
