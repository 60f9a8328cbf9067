package org.crossprocesslock.processes;

import java.nio.file.Path;

import org.crossprocesslock.servers.ServerAccess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Commits of stopped processes on MySQL and MariaDB. */
@Tag("full")
@ParameterizedClass
@MethodSource("org.crossprocesslock.servers.ServerAccess#own")
class MySqlStaleCommitTests extends StaleCommitContract {

	private final ServerAccess access;

	MySqlStaleCommitTests(ServerAccess access) {
		this.access = access;
	}

	@Override
	TestDatabase newDatabase(Path directory) {
		return new TestDatabase(this.access.newUrl());
	}

}
