package org.crossprocesslock.lease.jdbc;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.TestServer;

/** MySQL 8.0. */
@OnServer(TestServer.MYSQL_8_0)
class MySqlProductTests extends MySqlProductContract {

	@Override
	TestServer server() {
		return TestServer.MYSQL_8_0;
	}

	@Override
	Dialect dialect() {
		return Dialect.MYSQL;
	}

}
