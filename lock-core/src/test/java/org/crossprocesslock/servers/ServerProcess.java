package org.crossprocesslock.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.ServerPort;

/**
 * A server with a data directory of its own, on a port of this machine that stays the
 * same in each of its lives. It does not outlive this process, however that ends.
 */
public final class ServerProcess implements AutoCloseable {

	/**
	 * Becomes the server, and kills it when the standard input ends, which it does at the
	 * latest with the process that started it. Interrupts of a terminal are for that one.
	 */
	private static final String BOUND = """
			exec 3<&0
			(trap '' INT HUP TERM; while read -r line <&3; do :; done; kill -KILL $$) &
			exec "$@" 3<&- </dev/null""";

	private final List<String> command;

	private final Path data;

	private final int port;

	private Process process;

	private ServerProcess(List<String> command, Path data, int port) throws IOException, InterruptedException {
		this.command = command;
		this.data = data;
		this.port = port;
		this.process = launch();
		awaitAnswer();
	}

	static ServerProcess of(ServerProgram program, Path data, List<String> options)
			throws IOException, InterruptedException {
		program.create(data);
		int port = ServerPort.choose();
		List<String> command = new ArrayList<>(List.of("sh", "-c", BOUND, "sh"));
		command.addAll(program.command(data, port));
		command.addAll(options);
		return new ServerProcess(command, data, port);
	}

	private Process launch() throws IOException {
		return new ProcessBuilder(this.command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
			.start();
	}

	private Path log() {
		return this.data.resolve("server.log");
	}

	private void awaitAnswer() throws InterruptedException {
		try {
			Eventually.until("the server answers", () -> {
				if (!this.process.isAlive()) {
					throw new IllegalStateException("The server ended with " + this.process.exitValue());
				}
				return answers();
			});
		}
		catch (AssertionError | IllegalStateException ex) {
			throw new AssertionError(ex.getMessage() + ": " + logged(), ex);
		}
	}

	private String logged() {
		try {
			return Files.readString(log());
		}
		catch (IOException ex) {
			return ex.toString();
		}
	}

	private boolean answers() {
		try (Connection connection = JdbcDriver.dataSource(url(JdbcDriver.MARIADB_CONNECTOR, "mysql"))
			.getConnection()) {
			return connection.isValid(1);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	public int port() {
		return this.port;
	}

	public long pid() {
		return this.process.pid();
	}

	/** URL of a database, with user and password. */
	public String url(JdbcDriver driver, String database) {
		return driver.url(this.port, database);
	}

	/** Ends the server in the middle of whatever it does (SIGKILL). */
	public void kill() {
		this.process.destroyForcibly();
		this.process.onExit().join();
	}

	/**
	 * Starts the server again, which recovers from its log, and waits until it answers.
	 * @throws IOException if it cannot be started
	 * @throws InterruptedException if interrupted
	 */
	public void start() throws IOException, InterruptedException {
		this.process = launch();
		awaitAnswer();
	}

	/** Ends the server and deletes its data. */
	@Override
	public void close() {
		kill();
		try {
			ServerProgram.delete(this.data);
		}
		catch (IOException | InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
