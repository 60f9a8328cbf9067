package org.crossprocesslock.lease.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;

import org.crossprocesslock.LockReach;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.tools.Server;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that {@link H2Reach} knows who else can open a database.
 */
class H2ReachTests {

	private final Path directory;

	H2ReachTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@ParameterizedTest
	@CsvSource({ "jdbc:h2:mem:, THREADS, memory", "jdbc:h2:mem:reach, THREADS, memory",
			"jdbc:h2:memFS:reach, THREADS, memory", "jdbc:h2:nioMemFS:reach, THREADS, memory",
			"jdbc:h2:file:DIR/a, THREADS, one process at a time", "jdbc:h2:DIR/b, THREADS, one process at a time",
			"jdbc:h2:file:DIR/c;FILE_LOCK=FILE, THREADS, one process at a time",
			"jdbc:h2:file:DIR/d;AUTO_SERVER=TRUE;WRITE_DELAY=0, PROCESSES, AUTO_SERVER",
			"jdbc:h2:file:DIR/f;AUTO_SERVER=TRUE, THREADS, append ;WRITE_DELAY=0 to its URL",
			"jdbc:h2:DIR/e;MODE=PostgreSQL;AUTO_SERVER=TRUE;DATABASE_TO_UPPER=FALSE;WRITE_DELAY=0, PROCESSES, AUTO_SERVER",
			"jdbc:h2:DIR/g;MODE=MySQL;AUTO_SERVER=TRUE;OLD_INFORMATION_SCHEMA=TRUE, THREADS, WRITE_DELAY" })
	void reachIsThatOfTheUrl(String url, LockReach reach, String reason) throws Exception {
		try (Connection connection = DriverManager.getConnection(url.replace("DIR", this.directory.toString()))) {
			assertThat(H2Reach.of(connection).reach()).isEqualTo(reach);
			assertThat(H2Reach.of(connection).reason()).contains(reason);
		}
	}

	/** Whose connection leads to the first one, whatever its URL says. */
	@Test
	void secondProcessWithAutoServerSeesTheSame() throws Exception {
		Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
		String url = "jdbc:h2:file:" + this.directory.resolve("served");
		try (Connection first = DriverManager.getConnection("jdbc:h2:tcp://localhost:" + server.getPort() + "/"
				+ this.directory.resolve("served") + ";AUTO_SERVER=TRUE;WRITE_DELAY=0");
				Connection second = DriverManager.getConnection(url + ";AUTO_SERVER=TRUE")) {
			assertThat(H2Reach.of(first).reach()).isEqualTo(LockReach.MACHINES);
			assertThat(H2Reach.of(second).reach()).isEqualTo(LockReach.PROCESSES);
		}
		finally {
			server.stop();
		}
	}

	@Test
	void serverThatForgetsItsLastCommitsKeepsNobodyOut() throws Exception {
		Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
		String url = "jdbc:h2:tcp://localhost:" + server.getPort() + "/";
		try (Connection file = DriverManager.getConnection(url + this.directory.resolve("late"));
				Connection memory = DriverManager.getConnection(url + "mem:late")) {
			assertThat(H2Reach.of(file).reach()).isEqualTo(LockReach.THREADS);
			assertThat(H2Reach.of(memory).reach()).isEqualTo(LockReach.MACHINES);
		}
		finally {
			server.stop();
		}
	}

	@Test
	void storeKnowsIt() {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setURL("jdbc:h2:mem:");
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(dataSource).build()) {
			assertThat(store.reach().reach()).isEqualTo(LockReach.THREADS);
		}
	}

}
