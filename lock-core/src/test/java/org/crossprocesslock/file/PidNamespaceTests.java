package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.LockListener;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/** A holder whose pid means another process here, as in a container. */
class PidNamespaceTests {

	private final Path directory;

	PidNamespaceTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
	}

	/** What runs in the other namespace. */
	public static void main(String[] arguments) throws Exception {
		if (LockFile.tryLock(Path.of(arguments[0]), ChannelLock::tryLock) instanceof Look.Taken<LockFile> taken) {
			System.out.println("HELD " + ProcessHandle.current().pid() + " " + taken.lock().loss(ProcLocks.read()));
			while (System.in.read() >= 0) {
				Thread.onSpinWait();
			}
			taken.lock().close();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "--mount-proc", "--fork" })
	void theLockCountsAndNotThePid(String proc) throws Exception {
		assumeThat(mayUnshare()).as("this process may make a pid namespace").isTrue();
		List<String> command = new ArrayList<>(List.of("unshare", "--pid", "--fork", proc));
		command.addAll(LockFileProcess.javaCommand());
		command.set(command.size() - 1, PidNamespaceTests.class.getName());
		command.add(this.directory.resolve("LOCK").toString());
		try (LockFileProcess holder = LockFileProcess.startProgram(command.toArray(new String[0]))) {
			assertThat(holder.until("HELD")).isEqualTo("HELD 1 Optional.empty");
			assertThatExceptionOfType(PidLockException.AlreadyHeld.class).isThrownBy(this::open)
				.withMessageContaining("process 1")
				.satisfies((ex) -> assertThat(ex.getPid()).hasValue(1));
			holder.end();
		}
		// process 1 is alive here, and has nothing to do with it
		assertThat(this.directory.resolve("LOCK")).hasContent("1\n");
		open().close();
	}

	private PidFileLockManager open() {
		return PidFileLockManager.platformDefault(this.directory, new LockListener() {
		});
	}

	private static boolean mayUnshare() throws InterruptedException {
		try {
			Process process = new ProcessBuilder("unshare", "--pid", "--fork", "--mount-proc", "true").start();
			return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
