package org.crossprocesslock.processes;

import java.nio.file.Path;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Tag;

/** Processes on MariaDB. */
@Tag("full")
@OnServer(TestServer.MARIADB_11_4)
class MariaDbProcessTests extends ProcessContract {

	@Override
	TestDatabase newDatabase(Path directory) {
		return new TestDatabase(ServerAccess.MARIADB.newUrl());
	}

}
