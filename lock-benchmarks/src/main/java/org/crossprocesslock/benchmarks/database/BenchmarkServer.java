package org.crossprocesslock.benchmarks.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.util.FileSystemUtils;

/**
 * A PostgreSQL server of its own, new and empty, as durable as PostgreSQL is unless told
 * otherwise.
 */
public final class BenchmarkServer implements AutoCloseable {

	/** What the embedding switches off to make tests fast. */
	private static final Map<String, String> DURABLE = Map.of("fsync", "on", "synchronous_commit", "on",
			"full_page_writes", "on");

	/** A fleet has many, and what is not used costs nothing that shows. */
	private static final String MAX_CONNECTIONS = "1000";

	private static final String USER = "postgres";

	private final EmbeddedPostgres server;

	private final Path directory;

	private final ProcessHandle process;

	private BenchmarkServer(EmbeddedPostgres server, Path directory, ProcessHandle process) {
		this.server = server;
		this.directory = directory;
		this.process = process;
	}

	/**
	 * Starts a server.
	 * @param flush what commits wait for
	 * @param counting whether the server counts statements, which costs it a little
	 * @return the server, listening on loopback
	 */
	public static BenchmarkServer start(Flush flush, boolean counting) throws IOException, SQLException {
		Path directory = Files.createTempDirectory("lock-benchmarks");
		EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
			.setDataDirectory(directory)
			.setCleanDataDirectory(true);
		builder.setServerConfig("max_connections", MAX_CONNECTIONS);
		DURABLE.forEach(builder::setServerConfig);
		flush.settings().forEach(builder::setServerConfig);
		if (counting) {
			StatementCounter.SETTINGS.forEach(builder::setServerConfig);
		}
		EmbeddedPostgres started = builder.start();
		BenchmarkServer server = new BenchmarkServer(started, directory, process(directory));
		server.check(DURABLE);
		server.check(flush.settings());
		return server;
	}

	/** Fails if a setting has not arrived: a benchmark without flushes says nothing. */
	private void check(Map<String, String> settings) throws SQLException {
		for (Map.Entry<String, String> setting : settings.entrySet()) {
			String actual = ask("show " + setting.getKey());
			if (!actual.equals(setting.getValue())) {
				throw new IllegalStateException(
						"The server has " + setting.getKey() + " = " + actual + ", not " + setting.getValue());
			}
		}
	}

	/** The version of the server. */
	public String version() throws SQLException {
		return ask("show server_version");
	}

	/** Creates an empty database. */
	public Database createDatabase(String name) throws SQLException {
		administration().execute("create database " + name);
		return database(name);
	}

	/** Where what is no part of a measurement is asked. */
	Database administration() {
		return database("postgres");
	}

	private Database database(String name) {
		return new Database(name, this.server.getJdbcUrl(USER, name));
	}

	/** The first of the server's processes; the others are its children. */
	public ProcessHandle process() {
		return this.process;
	}

	private static ProcessHandle process(Path directory) throws IOException {
		String pid = Files.readAllLines(directory.resolve("postmaster.pid")).get(0);
		return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
	}

	private String ask(String sql) throws SQLException {
		try (Connection connection = administration().unpooled().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

	/** Stops the server and deletes all that it has. */
	@Override
	public void close() throws IOException {
		this.server.close();
		// which gives up after seconds, while a busy server still writes
		this.process.onExit().join();
		FileSystemUtils.deleteRecursively(this.directory);
	}

}
