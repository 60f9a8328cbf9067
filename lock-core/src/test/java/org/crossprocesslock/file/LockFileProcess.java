package org.crossprocesslock.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * A process of its own that takes locks, says so, and ends when its input does.
 */
final class LockFileProcess implements AutoCloseable {

	/** Exit code of a process that was refused the directory. */
	static final int ALREADY_HELD = 42;

	/** Exit code of a process that found a key busy. */
	static final int BUSY = 43;

	private static final LockListener SILENT = new LockListener() {
	};

	/** A guard that nobody keeps is released by the garbage collector. */
	private static @Nullable LockGuard held;

	private final Process process;

	private final BufferedReader output;

	private LockFileProcess(List<String> command) {
		try {
			this.process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
			this.output = this.process.inputReader();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** What runs in the other process. */
	public static void main(String[] arguments) throws Exception {
		Path directory = Path.of(arguments[1]);
		try (LockManager manager = open(arguments[0], directory)) {
			if (arguments.length > 2) {
				lockKey(manager, arguments[2], Duration.parse(arguments[3]));
			}
			if (arguments.length > 4) {
				new ProcessBuilder("sleep", arguments[4]).inheritIO().start();
			}
			say("HELD");
			try {
				untilInputEnds();
			}
			finally {
				Reference.reachabilityFence(held);
			}
		}
		catch (PidLockException.AlreadyHeld ex) {
			say("REFUSED " + ex.getPid().orElse(-1));
			System.exit(ALREADY_HELD);
		}
	}

	private static LockManager open(String kind, Path directory) {
		return switch (kind) {
			case "per-key" -> PerKeyFileLockManager.open(directory, SILENT);
			default -> PidFileLockManager.open(directory, SystemLock.valueOf(kind), SILENT);
		};
	}

	private static void lockKey(LockManager manager, String key, Duration waitTime) throws InterruptedException {
		say("WAITING");
		LockGuard guard = manager.tryLock(LockRequest.of(key, waitTime)).orElse(null);
		if (guard == null) {
			say("BUSY");
			System.exit(BUSY);
		}
		else {
			held = guard;
			say("TOKEN " + guard.fencingToken());
		}
	}

	private static void say(String line) {
		System.out.println(line);
		System.out.flush();
	}

	private static void untilInputEnds() throws IOException {
		while (System.in.read() >= 0) {
			Thread.onSpinWait();
		}
	}

	/** Starts a process that takes a directory, or a key of it too. */
	static LockFileProcess start(String kind, Path directory, String... more) {
		List<String> command = javaCommand();
		command.addAll(List.of(kind, directory.toString()));
		command.addAll(List.of(more));
		return new LockFileProcess(command);
	}

	/** Starts a process with a main class of its own. */
	static LockFileProcess startMain(Class<?> main, String[] jvmOptions, String... arguments) {
		List<String> command = javaCommand();
		command.addAll(1, List.of(jvmOptions));
		command.set(command.size() - 1, main.getName());
		command.addAll(List.of(arguments));
		return new LockFileProcess(command);
	}

	/** Tells the process something, line by line. */
	void tell(String... lines) throws IOException {
		for (String line : lines) {
			this.process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
		}
		this.process.getOutputStream().flush();
	}

	/** Sends a signal that does not end the process. */
	void signal(String signal) throws Exception {
		Process kill = new ProcessBuilder("kill", "-" + signal, String.valueOf(pid())).start();
		if (kill.waitFor() != 0) {
			throw new AssertionError("kill -" + signal + " " + pid() + " failed");
		}
	}

	/**
	 * Stops the process, each of its threads: on a busy machine the signal takes long to
	 * arrive, and a thread that waits in the kernel may get there first what it waits
	 * for.
	 */
	void stop() throws Exception {
		signal("STOP");
		Eventually.until("all threads have stopped", this::isStopped);
	}

	private boolean isStopped() {
		try (Stream<Path> threads = Files.list(Path.of("/proc", String.valueOf(pid()), "task"))) {
			return threads.allMatch((thread) -> {
				String stat = read(thread.resolve("stat"));
				// the state follows the name of the thread, which is in parentheses
				return stat.startsWith(") T", stat.lastIndexOf(')'));
			});
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			// of a thread that has ended since it was listed: the others are looked at
			// again
			return "";
		}
	}

	/** The command that runs {@link #main}, to be followed by its arguments. */
	static List<String> javaCommand() {
		return new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx64m", "-cp", System.getProperty("java.class.path"),
				LockFileProcess.class.getName()));
	}

	/** Any other program. */
	static LockFileProcess startProgram(String... command) {
		return new LockFileProcess(List.of(command));
	}

	long pid() {
		return this.process.pid();
	}

	/** Waits for a line that begins like this. */
	String until(String beginning) throws Exception {
		List<String> seen = new CopyOnWriteArrayList<>();
		CompletableFuture<String> said = CompletableFuture.supplyAsync(() -> {
			try {
				for (String line = this.output.readLine(); line != null; line = this.output.readLine()) {
					if (line.startsWith(beginning)) {
						return line;
					}
					seen.add(line);
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			throw new AssertionError("Not said before the end: " + beginning + "; only " + seen);
		});
		try {
			return said.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
		}
		catch (TimeoutException ex) {
			throw new AssertionError("Not said in time: " + beginning + "; only " + seen, ex);
		}
	}

	int exitCode() throws InterruptedException {
		if (!this.process.waitFor(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
			throw new AssertionError("Process " + pid() + " does not end");
		}
		return this.process.exitValue();
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/** Sends a signal and waits until the process has gone. */
	void kill(String signal) throws Exception {
		signal(signal);
		exitCode();
	}

	/** Has the process end by itself, which releases what it holds. */
	void end() throws Exception {
		this.process.getOutputStream().close();
		exitCode();
	}

	@Override
	public void close() {
		this.process.destroyForcibly();
	}

}
