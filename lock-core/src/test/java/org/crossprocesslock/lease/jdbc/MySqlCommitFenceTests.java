package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;

/** The fence on MySQL. */
@OnServer(TestServer.MYSQL_8_0)
class MySqlCommitFenceTests extends MySqlCommitFenceContract {

	private static final DataSource DATABASE = ServerAccess.MYSQL.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

}
