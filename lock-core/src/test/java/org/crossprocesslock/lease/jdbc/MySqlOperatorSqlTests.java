package org.crossprocesslock.lease.jdbc;

import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.servers.JdbcDriver;
import org.crossprocesslock.servers.ServerAccess;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The SQL for people on MySQL and MariaDB. */
class MySqlOperatorSqlTests {

	@ParameterizedTest
	@MethodSource("servers")
	void holdersAreFound(ServerAccess server) throws Exception {
		new OperatorSqlTests().holdersAreFound(server.newDatabase());
	}

	@ParameterizedTest
	@MethodSource("servers")
	void grantsAreEnough(ServerAccess server) throws Exception {
		String url = server.newUrl();
		DataSource owner = JdbcDriver.dataSource(url);
		OperatorSqlTests.execute(owner, "create database locks; create user app identified by 'app'");
		try {
			OperatorSqlTests.areEnough(owner,
					JdbcDriver.dataSource(url.replace(ServerAccess.database(url), "locks")
						.replaceFirst("user=[a-z]+", "user=app")
						.replaceFirst("password=[a-z]+", "password=app")));
		}
		finally {
			OperatorSqlTests.execute(owner, "drop user app; drop database locks");
		}
	}

	static List<ServerAccess> servers() {
		return List.of(ServerAccess.MYSQL, ServerAccess.MARIADB);
	}

}
