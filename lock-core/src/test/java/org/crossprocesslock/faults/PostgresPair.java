package org.crossprocesslock.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.DebianPackage;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.ServerPort;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server and its replica, which can take its place. Both are of Debian: what
 * comes with the build cannot make a copy of a server that runs.
 */
final class PostgresPair implements AutoCloseable {

	private final Path programs;

	private final Path directory;

	private final int primaryPort;

	private final int replicaPort;

	private final List<Process> servers = new ArrayList<>();

	private PostgresPair(Path programs, Path directory) throws IOException {
		this.programs = programs;
		this.directory = directory;
		this.primaryPort = ServerPort.choose();
		this.replicaPort = ServerPort.choose();
	}

	/**
	 * Starts both. A commit of the primary waits for nobody yet.
	 * @param directory where they may put files
	 */
	static PostgresPair start(Path directory) throws Exception {
		Path backup = DebianPackage.require("postgresql", "/usr/lib/postgresql", "*/bin/pg_basebackup");
		PostgresPair pair = new PostgresPair(backup.resolveSibling(""), directory);
		try {
			pair.run("initdb", "-A", "trust", "-U", "postgres", "--no-sync", "-D", pair.data("primary"));
			pair.serve("primary", pair.primaryPort);
			pair.run("pg_basebackup", "-h", "127.0.0.1", "-p", Integer.toString(pair.primaryPort), "-U", "postgres",
					"--checkpoint=fast", "--no-sync", "-R", "-X", "stream", "-D", pair.data("replica"));
			pair.serve("replica", pair.replicaPort);
			return pair;
		}
		catch (Throwable ex) {
			try (pair) {
				throw ex;
			}
		}
	}

	private String data(String name) {
		return this.directory.resolve(name).toString();
	}

	private void run(String program, String... arguments) throws Exception {
		Process process = start(program, arguments);
		if (process.waitFor() != 0) {
			throw new IllegalStateException(
					program + " has failed: " + Files.readString(this.directory.resolve(program + ".log")));
		}
	}

	private Process start(String program, String... arguments) throws IOException {
		List<String> command = new ArrayList<>(List.of(this.programs.resolve(program).toString()));
		command.addAll(List.of(arguments));
		return new ProcessBuilder(DebianPackage.unprivileged(command)).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(this.directory.resolve(program + ".log").toFile()))
			.start();
	}

	private void serve(String name, int port) throws Exception {
		// the machine does not crash, only the server
		Process server = start("postgres", "-D", data(name), "-p", Integer.toString(port), "-h", "127.0.0.1", "-c",
				"unix_socket_directories=", "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=60",
				"-c", "shared_preload_libraries=pg_stat_statements");
		this.servers.add(server);
		Runtime.getRuntime().addShutdownHook(new Thread(() -> quit(server)));
		Eventually.until(name + " answers", () -> {
			if (!server.isAlive()) {
				throw new IllegalStateException(name + " has ended with " + server.exitValue());
			}
			try (Connection connection = at(port).getConnection()) {
				return connection.isValid(1);
			}
			catch (SQLException ex) {
				return false;
			}
		});
	}

	/** Forgets which statements it has run. */
	void countStatements() throws SQLException {
		execute(primary(), "create extension if not exists pg_stat_statements", "select pg_stat_statements_reset()");
	}

	/** Has commits of the primary wait for the replica, from now on. */
	void replicateSynchronously() throws Exception {
		execute(primary(), "alter system set synchronous_standby_names = '*'", "select pg_reload_conf()");
		Eventually.until("the replica is synchronous",
				() -> text(primary(), "select count(*) from pg_stat_replication where sync_state = 'sync'")
					.equals("1"));
	}

	/** Waits until the replica has all that is committed by now. */
	void awaitReplica() throws Exception {
		String committed = text(primary(), "select pg_current_wal_insert_lsn()");
		Eventually.until("the replica has it",
				() -> text(replica(), "select pg_last_wal_replay_lsn() >= '" + committed + "'").equals("t"));
	}

	/** The replica learns of nothing that is committed after this. */
	void cutReplication() throws Exception {
		execute(replica(), "alter system set primary_conninfo = ''", "select pg_reload_conf()");
		Eventually.until("the replica receives nothing",
				() -> text(replica(), "select count(*) from pg_stat_wal_receiver").equals("0"));
	}

	/** Ends the primary in the middle of whatever it does. */
	void crashPrimary() {
		quit(this.servers.get(0));
	}

	/** Has the replica take the place of the primary. */
	void promote() throws SQLException {
		execute(replica(), "select pg_promote(true, 60)");
	}

	/** The one of the two that takes writes, whichever that is. */
	PGSimpleDataSource either() {
		return dataSource("targetServerType=primary&hostRecheckSeconds=1");
	}

	/** Any of the two, by chance. */
	PGSimpleDataSource any() {
		return dataSource("targetServerType=any&loadBalanceHosts=true");
	}

	private PGSimpleDataSource dataSource(String parameters) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl("jdbc:postgresql://127.0.0.1:" + this.primaryPort + ",127.0.0.1:" + this.replicaPort
				+ "/postgres?user=postgres&connectTimeout=1&" + parameters);
		return dataSource;
	}

	PGSimpleDataSource primary() {
		return at(this.primaryPort);
	}

	PGSimpleDataSource replica() {
		return at(this.replicaPort);
	}

	private static PGSimpleDataSource at(int port) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl("jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres");
		return dataSource;
	}

	private static void execute(PGSimpleDataSource dataSource, String... statements) throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	/** What a query answers that answers one text. */
	static String text(PGSimpleDataSource dataSource, String sql) {
		try (Connection connection = dataSource.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Its children end by themselves when they see it gone, but this one is sure. */
	private static void quit(Process server) {
		if (!server.isAlive()) {
			return;
		}
		try {
			new ProcessBuilder("kill", "-QUIT", Long.toString(server.pid())).inheritIO().start().waitFor();
			server.onExit().join();
		}
		catch (IOException ex) {
			server.destroyForcibly();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.servers.forEach(PostgresPair::quit);
	}

}
