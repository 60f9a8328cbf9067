package org.crossprocesslock.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.ServerPort;

/**
 * A PostgreSQL server that is stopped in immediate mode, which is a crash: it recovers
 * from its log when it starts again.
 */
final class PostgresBattery extends BatteryDatabase {

	private final Path directory;

	private final EmbeddedPostgres embedded;

	private final List<String> command;

	private final Map<String, String> environment;

	private PostgresBattery(Path directory, EmbeddedPostgres embedded, List<String> command,
			Map<String, String> environment) {
		this.directory = directory;
		this.embedded = embedded;
		this.command = command;
		this.environment = environment;
	}

	/**
	 * Starts a server.
	 * @param directory where it may put files
	 * @param environment what its environment has in the lives after the first, beyond
	 * that of this process
	 */
	static PostgresBattery start(Path directory, Map<String, String> environment) throws IOException {
		Path data = directory.resolve("postgres");
		// the machine does not crash, only the server
		EmbeddedPostgres embedded = EmbeddedPostgres.builder()
			.setDataDirectory(data)
			.setPort(ServerPort.choose())
			.setServerConfig("fsync", "off")
			.setServerConfig("max_connections", "50")
			// so that a crash undoes as much as it ever may
			.setServerConfig("synchronous_commit", "off")
			.setServerConfig("wal_writer_delay", "10s")
			.start();
		return new PostgresBattery(data, embedded, command(postmaster(data)), environment);
	}

	/** How the process was started, with the namespace that root needs. */
	private static List<String> command(ProcessHandle process) throws IOException {
		List<String> command = new ArrayList<>();
		if (System.getProperty("user.name").equals("root")) {
			command.addAll(List.of("unshare", "-U"));
		}
		String line = Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
		command.addAll(Arrays.asList(line.split("\0")));
		return command;
	}

	private static ProcessHandle postmaster(Path data) throws IOException {
		long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0));
		return ProcessHandle.of(pid).orElseThrow();
	}

	@Override
	String dialect() {
		return "postgresql";
	}

	@Override
	int port() {
		return this.embedded.getPort();
	}

	@Override
	String url(int port) {
		return "jdbc:postgresql://localhost:" + port + "/postgres?user=postgres";
	}

	@Override
	void stop() throws Exception {
		ProcessHandle postmaster = postmaster(this.directory);
		int killed = new ProcessBuilder("kill", "-QUIT", Long.toString(postmaster.pid())).inheritIO().start().waitFor();
		if (killed != 0) {
			throw new IllegalStateException("kill ended with " + killed);
		}
		postmaster.onExit().join();
	}

	@Override
	void start() throws Exception {
		ProcessBuilder builder = new ProcessBuilder(this.command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD);
		builder.environment().putAll(this.environment);
		Process process = builder.start();
		Eventually.until("PostgreSQL answers again", () -> {
			if (!process.isAlive()) {
				throw new IllegalStateException("PostgreSQL ended with " + process.exitValue());
			}
			return answers();
		});
	}

	private boolean answers() {
		try (Connection connection = direct().getConnection()) {
			return connection.isValid(1);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	@Override
	Remedy lockTables() throws SQLException {
		return begin(List.of("lock table " + LEASES + ", " + LOCKS + " in access exclusive mode"));
	}

	@Override
	Remedy dropTables() throws SQLException {
		return begin(List.of("drop table " + LEASES, "drop table " + LOCKS));
	}

	@Override
	List<String> dawdle(String table) {
		return mishap(table, "perform pg_sleep(random() * " + DAWDLING.toMillis() / 1000.0 + ");");
	}

	@Override
	List<String> failToSerialize(String table) {
		return mishap(table,
				"raise exception 'somebody else comes first' using errcode = '" + SERIALIZATION_FAILURE + "';");
	}

	private static List<String> mishap(String table, String what) {
		String name = trigger(table);
		return List.of(
				"create or replace function " + name + "() returns trigger language plpgsql as $$ begin "
						+ "if random() < " + MISHAP_RATE + " then " + what + " end if; return new; end $$",
				"create trigger " + name + " before insert or update on " + table + " for each row execute function "
						+ name + "()");
	}

	@Override
	List<String> dropMishap(String table) {
		return List.of("drop trigger " + trigger(table) + " on " + table);
	}

	@Override
	int sessions() throws SQLException {
		return Integer.parseInt(texts("select count(*) from pg_stat_activity"
				+ " where backend_type = 'client backend' and pid <> pg_backend_pid()")
			.get(0));
	}

	@Override
	public void close() throws IOException {
		this.embedded.close();
	}

}
