package org.crossprocesslock.lease.jdbc;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Tag;

/** Connections to MySQL. */
@Tag("full")
@OnServer(TestServer.MYSQL_8_0)
class MySqlStoreConnectionsTests extends MySqlStoreConnectionsContract {

	private static final String URL = ServerAccess.MYSQL.newUrl();

	@Override
	ServerAccess access() {
		return ServerAccess.MYSQL;
	}

	@Override
	String url() {
		return URL;
	}

}
