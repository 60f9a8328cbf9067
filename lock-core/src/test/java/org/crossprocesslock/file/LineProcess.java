package org.crossprocesslock.file;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;

/**
 * A process that takes and releases keys as its input tells it, line by line, and says
 * what became of it.
 */
final class LineProcess {

	private static final Path KERNEL_LIST = Path.of("/proc/locks");

	private static final LockListener SILENT = new LockListener() {
	};

	private final LockManager manager;

	private final Path directory;

	private final Map<String, LockGuard> held = new ConcurrentHashMap<>();

	private LineProcess(Path directory) {
		this.manager = PerKeyFileLockManager.open(directory, SILENT);
		this.directory = directory;
	}

	/** What runs in the other process. */
	public static void main(String[] arguments) throws Exception {
		LineProcess process = new LineProcess(Path.of(arguments[0]));
		say("READY");
		BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = input.readLine(); line != null; line = input.readLine()) {
			process.handle(line.split(" ", -1));
		}
		Runtime.getRuntime().halt(0);
	}

	/** Starts one in a directory. */
	static LockFileProcess start(Path directory, String... jvmOptions) throws Exception {
		LockFileProcess process = LockFileProcess.startMain(LineProcess.class, jvmOptions, directory.toString());
		process.until("READY");
		return process;
	}

	private void handle(String[] words) throws InterruptedException {
		String key = words[1];
		switch (words[0]) {
			case "lock" -> Background.call(() -> lock(key, Duration.parse(words[2])));
			case "unlock" -> {
				Optional.ofNullable(this.held.remove(key)).ifPresent(LockGuard::close);
				say("RELEASED " + key);
			}
			case "turns" -> Background.call(() -> turns(key, Integer.parseInt(words[2])));
			case "alternate" -> Background.call(() -> alternate(key, Integer.parseInt(words[2])));
			case "hold" -> hold(key, Integer.parseInt(words[2]));
			default -> throw new IllegalArgumentException(words[0]);
		}
	}

	private boolean lock(String key, Duration wait) {
		try {
			LockGuard guard = this.manager.tryLock(LockRequest.of(key, wait)).orElse(null);
			if (guard == null) {
				say("BUSY " + key);
			}
			else {
				this.held.put(key, guard);
				say("GOT " + key + " " + guard.fencingToken());
			}
		}
		catch (InterruptedException | RuntimeException ex) {
			say("FAILED " + key + " " + ex);
		}
		return true;
	}

	/** Counts in a file that nobody else changes meanwhile, or else the sum is wrong. */
	private boolean turns(String key, int turns) throws Exception {
		takeTurns(this.manager, key, turns, (guard) -> count(this.directory));
		say("DONE " + key);
		return true;
	}

	/** The same with turns that end when somebody else is in line. */
	private boolean alternate(String key, int turns) throws Exception {
		takeTurns(this.manager, key, turns, (guard) -> {
			count(this.directory);
			untilWaitedFor(this.directory, key);
		});
		endTurns(this.directory);
		say("DONE " + key);
		return true;
	}

	/**
	 * Waits until another process is in line, or has had all of its turns: whoever is not
	 * in line yet on a busy machine is not treated unfairly. Reads the list of the kernel
	 * without the code under test.
	 */
	static void untilWaitedFor(Path directory, String key) {
		try {
			String inode = ":" + Files.getAttribute(directory.resolve(key + ".lock"), "unix:ino") + " ";
			while (!Files.exists(directory.resolve("done")) && Files.readAllLines(KERNEL_LIST)
				.stream()
				.noneMatch((line) -> line.contains("->") && line.contains(inode))) {
				LockSupport.parkNanos(directory, 100_000);
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/** Tells the other process that one has had all of its turns. */
	static void endTurns(Path directory) throws IOException {
		Files.writeString(directory.resolve("done"), "");
	}

	static void takeTurns(LockManager manager, String key, int turns, Consumer<LockGuard> work) throws Exception {
		for (int i = 0; i < turns; i++) {
			try (LockGuard guard = manager.lock(key, Eventually.LIMIT)) {
				work.accept(guard);
			}
		}
	}

	/** Adds one to what is counted in a directory. */
	static void count(Path directory) {
		Path file = directory.resolve("count");
		try {
			long count = Files.exists(file) ? Long.parseLong(Files.readString(file)) : 0;
			Files.writeString(file, String.valueOf(count + 1));
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void hold(String key, int keys) {
		int got = 0;
		try {
			while (got < keys) {
				this.held.put(key + got, this.manager.tryLock(key + got).orElseThrow());
				got++;
			}
		}
		catch (RuntimeException ex) {
			say("FAILED " + ex.getMessage());
		}
		say("HELD " + got);
	}

	private static synchronized void say(String line) {
		System.out.println(line);
		System.out.flush();
	}

}
