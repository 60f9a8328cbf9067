package org.crossprocesslock.lease.jdbc;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.TestServer;

/** MariaDB 11.4. */
@OnServer(TestServer.MARIADB_11_4)
class MariaDb114ProductTests extends MySqlProductContract {

	@Override
	TestServer server() {
		return TestServer.MARIADB_11_4;
	}

	@Override
	Dialect dialect() {
		return Dialect.MARIADB;
	}

}
