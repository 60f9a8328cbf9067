package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;

/** The contract on MariaDB. */
@OnServer(TestServer.MARIADB_11_4)
class MariaDbLeaseLockManagerTests extends JdbcLeaseLockManagerContract {

	private static final DataSource DATABASE = ServerAccess.MARIADB.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

}
