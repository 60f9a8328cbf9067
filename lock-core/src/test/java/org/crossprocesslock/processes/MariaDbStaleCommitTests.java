package org.crossprocesslock.processes;

import java.nio.file.Path;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Tag;

/** Commits of stopped processes on MariaDB. */
@Tag("full")
@OnServer(TestServer.MARIADB_11_4)
class MariaDbStaleCommitTests extends StaleCommitContract {

	@Override
	TestDatabase newDatabase(Path directory) {
		return new TestDatabase(ServerAccess.MARIADB.newUrl());
	}

}
