package org.crossprocesslock.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The servers, one of each for all tests of this JVM: started when it is first asked for,
 * ended with the JVM. Tests say by {@link OnServer} which they need.
 */
public enum TestServer {

	MYSQL_8_0 {
		@Override
		ServerProgram program() {
			return ServerProgram.mySql();
		}
	},

	MARIADB_11_4 {
		@Override
		ServerProgram program() {
			return ServerProgram.mariaDbOfMaven();
		}
	},

	MARIADB_10_11 {
		@Override
		ServerProgram program() {
			return ServerProgram.mariaDbOfDebian();
		}
	};

	/** A variable of the environment: {@code required} where no server may be absent. */
	private static final String REQUIRED = "SERVER_TESTS";

	private static final AtomicInteger databases = new AtomicInteger();

	private static final Map<TestServer, Optional<String>> absences = new ConcurrentHashMap<>();

	private static final Map<TestServer, ServerProcess> running = new ConcurrentHashMap<>();

	abstract ServerProgram program();

	/**
	 * Why there is no such server on this machine, if so. Where all are required, an
	 * absent one fails when it is to be started.
	 */
	public Optional<String> absence() {
		return "required".equals(System.getenv(REQUIRED)) ? Optional.empty()
				: absences.computeIfAbsent(this, (server) -> server.program().absence());
	}

	/** URL of a new, empty database, with user and password. */
	public String newDatabase(JdbcDriver driver) {
		String name = "test_" + databases.incrementAndGet();
		ServerProcess server = running.computeIfAbsent(this, TestServer::startForAll);
		try (Connection connection = JdbcDriver.dataSource(server.url(JdbcDriver.MARIADB_CONNECTOR, "mysql"))
			.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("create database " + name);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		return server.url(driver, name);
	}

	private ServerProcess startForAll() {
		try {
			Path directory = Files.createTempDirectory("lock-server-");
			ServerProcess started = start(directory.resolve("data"));
			Runtime.getRuntime().addShutdownHook(new Thread(() -> {
				started.close();
				directory.toFile().delete();
			}));
			return started;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Starts a server that a test has for itself.
	 * @param data its data directory, which does not exist
	 * @param options further options of the command line
	 * @return the server
	 */
	public ServerProcess start(Path data, String... options) {
		try {
			return ServerProcess.of(program(), data, List.of(options));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
