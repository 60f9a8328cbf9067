package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import org.crossprocesslock.DebianPackage;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.ServerPort;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A pgbouncer in transaction mode in front of the embedded PostgreSQL, with few sessions,
 * so that each is soon used by everybody.
 */
final class PgBouncer implements AutoCloseable {

	private final String database;

	private final int port;

	private final Process process;

	private PgBouncer(String database, int port, Process process) {
		this.database = database;
		this.port = port;
		this.process = process;
	}

	/**
	 * Starts one in front of a database.
	 * @param database the database, directly
	 * @param sessions how many sessions all clients share
	 * @param directory where it may put files
	 */
	static PgBouncer start(PGSimpleDataSource database, int sessions, Path directory) throws Exception {
		Path program = DebianPackage.require("pgbouncer", "/usr/sbin", "pgbouncer");
		int port = ServerPort.choose();
		Path settings = Files.writeString(directory.resolve("pgbouncer.ini"), """
				[databases]
				* = host=127.0.0.1 port=%s user=postgres
				[pgbouncer]
				listen_addr = 127.0.0.1
				listen_port = %s
				unix_socket_dir =
				auth_type = any
				pool_mode = transaction
				default_pool_size = %s
				max_client_conn = 200
				ignore_startup_parameters = extra_float_digits
				""".formatted(Integer.toString(EmbeddedPostgresServer.port()), Integer.toString(port),
				Integer.toString(sessions)));
		Process process = new ProcessBuilder(
				DebianPackage.unprivileged(List.of(program.toString(), settings.toString())))
			.redirectErrorStream(true)
			.redirectOutput(directory.resolve("pgbouncer.log").toFile())
			.start();
		Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
		PgBouncer bouncer = new PgBouncer(database.getDatabaseName(), port, process);
		bouncer.awaitAnswer(directory);
		return bouncer;
	}

	private void awaitAnswer(Path directory) throws Exception {
		Eventually.until("pgbouncer answers", () -> {
			if (!this.process.isAlive()) {
				throw new IllegalStateException("pgbouncer has ended: " + log(directory));
			}
			try (Connection connection = dataSource("").getConnection()) {
				return connection.isValid(1);
			}
			catch (SQLException ex) {
				return false;
			}
		});
	}

	private static String log(Path directory) {
		try {
			return Files.readString(directory.resolve("pgbouncer.log"));
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	/**
	 * The database through it, without a pool.
	 * @param parameters of the URL, each with an ampersand before it
	 */
	PGSimpleDataSource dataSource(String parameters) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource
			.setUrl("jdbc:postgresql://127.0.0.1:" + this.port + "/" + this.database + "?user=postgres" + parameters);
		return dataSource;
	}

	@Override
	public void close() {
		this.process.destroyForcibly().onExit().join();
	}

}
