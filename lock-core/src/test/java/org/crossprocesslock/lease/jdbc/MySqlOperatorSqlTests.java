package org.crossprocesslock.lease.jdbc;

import org.crossprocesslock.servers.OnServer;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Test;

/** The SQL for people on MySQL, whose function for the time MariaDB has too. */
@OnServer(TestServer.MYSQL_8_0)
class MySqlOperatorSqlTests {

	@Test
	void holdersAreFound() throws Exception {
		new OperatorSqlTests().holdersAreFound(ServerAccess.MYSQL.newDatabase());
	}

}
