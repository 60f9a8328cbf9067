package org.crossprocesslock.processes;

import java.nio.file.Path;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;

/** Two versions on one MySQL server. */
@OnServer(TestServer.MYSQL_8_0)
class MySqlMixedVersionsTests extends MixedVersionsContract {

	@Override
	TestDatabase newDatabase(Path directory) {
		return new TestDatabase(ServerAccess.MYSQL.newUrl());
	}

}
