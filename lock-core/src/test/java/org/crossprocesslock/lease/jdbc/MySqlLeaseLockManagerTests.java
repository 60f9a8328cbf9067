package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Tag;

/** The contract on MySQL, whose statements are those of MariaDB but for a few words. */
@Tag("full")
@OnServer(TestServer.MYSQL_8_0)
class MySqlLeaseLockManagerTests extends JdbcLeaseLockManagerContract {

	private static final DataSource DATABASE = ServerAccess.MYSQL.newDatabase();

	@Override
	DataSource database() {
		return DATABASE;
	}

}
