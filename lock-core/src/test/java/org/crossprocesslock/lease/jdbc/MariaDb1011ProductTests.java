package org.crossprocesslock.lease.jdbc;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.TestServer;

/** MariaDB 10.11. */
@OnServer(TestServer.MARIADB_10_11)
class MariaDb1011ProductTests extends MySqlProductContract {

	@Override
	TestServer server() {
		return TestServer.MARIADB_10_11;
	}

	@Override
	Dialect dialect() {
		return Dialect.MARIADB;
	}

}
