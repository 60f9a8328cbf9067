package org.crossprocesslock.processes;

import java.nio.file.Path;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Tag;

/** Commits of stopped processes on MySQL. */
@Tag("full")
@OnServer(TestServer.MYSQL_8_0)
class MySqlStaleCommitTests extends StaleCommitContract {

	@Override
	TestDatabase newDatabase(Path directory) {
		return new TestDatabase(ServerAccess.MYSQL.newUrl());
	}

}
