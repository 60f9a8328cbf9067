package org.crossprocesslock.autoconfigure;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.file.PidFileLockManager;
import org.crossprocesslock.file.SystemLock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Another process that has a lock directory until it is closed.
 */
final class LockingProcess implements AutoCloseable {

	private static final String READY = "has the directory";

	private final Process process;

	private LockingProcess(Process process) {
		this.process = process;
	}

	static LockingProcess start(Path directory, SystemLock kind) throws IOException {
		String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		Process process = new ProcessBuilder(java, "-XX:TieredStopAtLevel=1", "-cp", classPath,
				LockingProcess.class.getName(), directory.toString(), kind.name())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		LockingProcess locking = new LockingProcess(process);
		BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
		assertThat(output.readLine()).isEqualTo(READY);
		return locking;
	}

	/**
	 * Runs in the other process, until its input ends: so it never outlives the tests.
	 * @param args directory and kind
	 */
	public static void main(String[] args) throws IOException {
		try (PidFileLockManager manager = PidFileLockManager.open(Path.of(args[0]), SystemLock.valueOf(args[1]),
				new LockListener() {
				})) {
			System.out.println(READY);
			int end = System.in.read();
			assertThat(end).isEqualTo(-1);
		}
	}

	long pid() {
		return this.process.pid();
	}

	/** Kills the process and waits for its end. */
	@Override
	public void close() {
		this.process.destroyForcibly().onExit().join();
	}

}
