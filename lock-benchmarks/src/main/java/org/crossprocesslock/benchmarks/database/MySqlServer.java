package org.crossprocesslock.benchmarks.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

import org.crossprocesslock.servers.JdbcDriver;
import org.crossprocesslock.servers.ServerProcess;
import org.crossprocesslock.servers.TestServer;

import org.springframework.util.FileSystemUtils;

/**
 * MySQL or MariaDB, each by its own driver, as durable as it is unless told otherwise.
 */
final class MySqlServer extends BenchmarkServer {

	/** What tests do without, by their names in SQL. */
	private static final Map<String, String> DURABLE = Map.of("innodb_flush_log_at_trx_commit", "1",
			"innodb_doublewrite", "ON");

	private final Product product;

	private final ServerProcess server;

	private final Path directory;

	private MySqlServer(Product product, ServerProcess server, Path directory) {
		this.product = product;
		this.server = server;
		this.directory = directory;
	}

	static MySqlServer start(Product product) throws IOException, SQLException {
		boolean maria = product == Product.MARIADB;
		Map<String, String> durable = new TreeMap<>(DURABLE);
		durable.put("innodb_flush_method", maria ? "O_DIRECT" : "fsync");
		Map<String, String> settings = new TreeMap<>(durable);
		settings.put("max_connections", MAX_CONNECTIONS);
		settings.put("innodb_buffer_pool_size", "128M");
		settings.put(maria ? "innodb_log_file_size" : "innodb_redo_log_capacity", "100M");
		Path directory = Files.createTempDirectory("lock-benchmarks");
		ServerProcess started = (maria ? TestServer.MARIADB_11_4 : TestServer.MYSQL_8_0).start(
				directory.resolve("data"),
				settings.entrySet()
					.stream()
					.map((setting) -> "--" + setting.getKey().replace('_', '-') + "=" + setting.getValue())
					.toArray(String[]::new));
		MySqlServer server = new MySqlServer(product, started, directory);
		server.check(durable);
		return server;
	}

	@Override
	String setting(String name) throws SQLException {
		return administration().ask("show global variables like '" + name + "'", 2);
	}

	@Override
	public String version() throws SQLException {
		return setting("version").replace("-MariaDB", "");
	}

	@Override
	Database administration() {
		return database("mysql");
	}

	@Override
	Database database(String name) {
		JdbcDriver driver = (this.product == Product.MARIADB) ? JdbcDriver.MARIADB_CONNECTOR : JdbcDriver.CONNECTOR_J;
		return new Database(this.product, name, this.server.url(driver, name));
	}

	@Override
	public ProcessHandle process() {
		return ProcessHandle.of(this.server.pid()).orElseThrow();
	}

	@Override
	public void close() throws IOException {
		this.server.close();
		FileSystemUtils.deleteRecursively(this.directory);
	}

}
