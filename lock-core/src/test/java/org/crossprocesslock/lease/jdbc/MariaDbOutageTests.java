package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Tag;

/** A MariaDB server that does not answer. */
@Tag("full")
@OnServer(TestServer.MARIADB_11_4)
class MariaDbOutageTests extends DatabaseOutageContract {

	private static final String URL = ServerAccess.MARIADB.newUrl();

	@Override
	int serverPort() {
		return ServerAccess.port(URL);
	}

	@Override
	DataSource through(int port) {
		return ServerAccess.through(URL, port);
	}

}
