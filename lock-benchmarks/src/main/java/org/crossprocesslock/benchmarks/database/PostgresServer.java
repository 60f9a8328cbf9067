package org.crossprocesslock.benchmarks.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.springframework.util.FileSystemUtils;

/** PostgreSQL, as durable as it is unless told otherwise. */
final class PostgresServer extends BenchmarkServer {

	/** What the embedding switches off to make tests fast. */
	private static final Map<String, String> DURABLE = Map.of("fsync", "on", "synchronous_commit", "on",
			"full_page_writes", "on");

	private static final String USER = "postgres";

	private final EmbeddedPostgres server;

	private final Path directory;

	private final ProcessHandle process;

	private PostgresServer(EmbeddedPostgres server, Path directory, ProcessHandle process) {
		this.server = server;
		this.directory = directory;
		this.process = process;
	}

	static PostgresServer start(Flush flush, boolean counting) throws IOException, SQLException {
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
		PostgresServer server = new PostgresServer(started, directory, process(directory));
		server.check(DURABLE);
		server.check(flush.settings());
		return server;
	}

	@Override
	String setting(String name) throws SQLException {
		return administration().ask("show " + name, 1);
	}

	@Override
	public String version() throws SQLException {
		return setting("server_version");
	}

	@Override
	Database administration() {
		return database("postgres");
	}

	@Override
	Database database(String name) {
		return new Database(Product.POSTGRESQL, name, this.server.getJdbcUrl(USER, name));
	}

	@Override
	public ProcessHandle process() {
		return this.process;
	}

	private static ProcessHandle process(Path directory) throws IOException {
		String pid = Files.readAllLines(directory.resolve("postmaster.pid")).get(0);
		return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		// which gives up after seconds, while a busy server still writes
		this.process.onExit().join();
		FileSystemUtils.deleteRecursively(this.directory);
	}

}
