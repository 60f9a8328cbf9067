package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.util.Objects;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** An H2 server behind an unkind network. */
@Tag("full")
class H2NothingHangsTests extends NothingHangsContract {

	private static final String NAME = "hangs";

	private static @Nullable Server server;

	@BeforeAll
	static void startServer() throws SQLException {
		server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
	}

	@AfterAll
	static void stopServer() {
		if (server != null) {
			server.stop();
		}
	}

	@Override
	int serverPort() {
		return Objects.requireNonNull(server).getPort();
	}

	@Override
	DataSource through(int port) {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setURL("jdbc:h2:tcp://localhost:" + port + "/mem:" + NAME + ";DB_CLOSE_DELAY=-1");
		return dataSource;
	}

}
