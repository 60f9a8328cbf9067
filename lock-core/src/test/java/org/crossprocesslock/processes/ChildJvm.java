package org.crossprocesslock.processes;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.crossprocesslock.Eventually;
import org.junit.jupiter.api.Assumptions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Java virtual machine of its own that runs a main class, with the class path of this
 * one unless there is another. The two talk in lines: commands go to its standard input;
 * an answer is a line of its standard output that starts with {@link #ANSWER} and a word.
 * Everything else it prints is kept for the message of a failure. The main class must end
 * when its standard input does, so that no child outlives this process.
 */
public final class ChildJvm implements AutoCloseable {

	/** How a line begins that is an answer. */
	public static final String ANSWER = "> ";

	private final Process process;

	private final Writer input;

	private final List<String> unread = new ArrayList<>();

	private final List<String> transcript = new ArrayList<>();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private boolean ended;

	private ChildJvm(Process process) {
		this.process = process;
		this.input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
		Thread reader = new Thread(this::read, "output of " + process.pid());
		reader.setDaemon(true);
		reader.start();
	}

	/**
	 * Starts a process.
	 * @param main its main class
	 * @param arguments its arguments
	 * @return the process, which may not have come to its main method yet
	 */
	public static ChildJvm start(Class<?> main, String... arguments) {
		return start(Map.of(), main, arguments);
	}

	/**
	 * Starts a process.
	 * @param environment what its environment has beyond that of this process
	 * @param main its main class
	 * @param arguments its arguments
	 * @return the process, which may not have come to its main method yet
	 */
	public static ChildJvm start(Map<String, String> environment, Class<?> main, String... arguments) {
		return start(System.getProperty("java.class.path"), environment, main, arguments);
	}

	/**
	 * Starts a process on another class path.
	 * @param classPath its class path, on which the main class may be another one
	 * @param main its main class, by name
	 * @param arguments its arguments
	 * @return the process, which may not have come to its main method yet
	 */
	static ChildJvm startOn(String classPath, Class<?> main, String... arguments) {
		return start(classPath, Map.of(), main, arguments);
	}

	private static ChildJvm start(String classPath, Map<String, String> environment, Class<?> main,
			String... arguments) {
		// for a short life: compile quickly, collect simply
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-Xmx128m", "-cp", classPath, main.getName()));
		command.addAll(List.of(arguments));
		try {
			ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
			builder.environment().putAll(environment);
			return new ChildJvm(builder.start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void read() {
		try (BufferedReader output = this.process.inputReader(StandardCharsets.UTF_8)) {
			for (String line = output.readLine(); line != null; line = output.readLine()) {
				String read = line;
				change(() -> {
					this.transcript.add(read);
					if (read.startsWith(ANSWER)) {
						this.unread.add(read.substring(ANSWER.length()));
					}
				});
			}
		}
		catch (IOException ex) {
			change(() -> this.transcript.add("reading failed: " + ex));
		}
		finally {
			change(() -> this.ended = true);
		}
	}

	private void change(Runnable change) {
		this.lock.lock();
		try {
			change.run();
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Sends a command without waiting for its answer.
	 * @param command one line
	 * @return this
	 */
	public ChildJvm send(String command) {
		try {
			this.input.write(command + "\n");
			this.input.flush();
			return this;
		}
		catch (IOException ex) {
			throw failure("Could not send '" + command + "': " + ex);
		}
	}

	/**
	 * Waits for an answer and takes it; those with other words stay for later.
	 * @param word the first word of the answer
	 * @return the rest of the line
	 * @throws InterruptedException if interrupted
	 */
	public String await(String word) throws InterruptedException {
		long left = Eventually.LIMIT.toNanos();
		this.lock.lockInterruptibly();
		try {
			while (true) {
				for (String line : this.unread) {
					if (line.equals(word) || line.startsWith(word + " ")) {
						this.unread.remove(line);
						return line.substring(word.length()).strip();
					}
				}
				if (this.ended || left <= 0) {
					throw failure("No answer '" + word + "'");
				}
				left = this.changed.awaitNanos(left);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Kills the process; it can do nothing about it (SIGKILL). */
	public void kill() {
		this.process.destroyForcibly();
	}

	/**
	 * Stops the process in the middle of whatever it does (SIGSTOP) and waits until it
	 * has stopped. Aborts the test where that cannot be done.
	 * @throws InterruptedException if interrupted
	 */
	public void stop() throws InterruptedException {
		Assumptions.assumeTrue(Files.exists(stat()), "only Linux says in " + stat() + " whether a process has stopped");
		signal("-STOP");
		// the signal is only on its way when kill returns, and takes long to arrive on a
		// busy machine
		Eventually.until("the process has stopped", this::isStopped);
	}

	/**
	 * Lets a stopped process go on (SIGCONT).
	 * @throws InterruptedException if interrupted
	 */
	public void resume() throws InterruptedException {
		signal("-CONT");
	}

	private void signal(String signal) throws InterruptedException {
		try {
			Process kill = new ProcessBuilder("kill", signal, Long.toString(this.process.pid())).inheritIO().start();
			assertThat(kill.waitFor()).as("exit code of kill " + signal).isZero();
		}
		catch (IOException ex) {
			Assumptions.abort("a process cannot be stopped here, there is no 'kill': " + ex);
		}
	}

	private boolean isStopped() {
		try {
			String stat = Files.readString(stat());
			// the state follows the name of the program, which is in parentheses
			return stat.startsWith(") T", stat.lastIndexOf(')'));
		}
		catch (IOException ex) {
			throw failure("Cannot tell whether it has stopped: " + ex);
		}
	}

	private Path stat() {
		return Path.of("/proc", Long.toString(this.process.pid()), "stat");
	}

	/**
	 * Waits for the end of the process.
	 * @return its exit code
	 * @throws InterruptedException if interrupted
	 */
	public int exitCode() throws InterruptedException {
		if (!this.process.waitFor(Eventually.LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
			throw failure("Still runs");
		}
		return this.process.exitValue();
	}

	/** Kills the process unless it has ended, stopped or not, and waits for its end. */
	@Override
	public void close() {
		kill();
		this.process.onExit().join();
	}

	private AssertionError failure(String message) {
		return new AssertionError(message + " from " + this);
	}

	/** Which process it is, how it fares and all that it has printed. */
	@Override
	public String toString() {
		this.lock.lock();
		try {
			return "process " + this.process.pid()
					+ (this.process.isAlive() ? "" : ", which ended with " + this.process.exitValue())
					+ ". It printed:\n" + String.join("\n", this.transcript);
		}
		finally {
			this.lock.unlock();
		}
	}

}
