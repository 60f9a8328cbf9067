package org.crossprocesslock.lease.jdbc;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Tag;

/** Connections to MariaDB. */
@Tag("full")
@OnServer(TestServer.MARIADB_11_4)
class MariaDbStoreConnectionsTests extends MySqlStoreConnectionsContract {

	private static final String URL = ServerAccess.MARIADB.newUrl();

	@Override
	ServerAccess access() {
		return ServerAccess.MARIADB;
	}

	@Override
	String url() {
		return URL;
	}

}
