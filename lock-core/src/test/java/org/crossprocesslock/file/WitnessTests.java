package org.crossprocesslock.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/** What programs that are not ours see of our locks, and we of theirs. */
class WitnessTests {

	private static final LockListener SILENT = new LockListener() {
	};

	private static final String PYTHON_BYTE = "the byte that we lock";

	private static final String PYTHON_WHOLE = "the whole file";

	/** Locks the byte that we lock; the first argument is the file. */
	private static final String PYTHON = """
			import fcntl, sys
			file = open(sys.argv[1], 'r+')
			fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, int(sys.argv[2]))
			print('LOCKED', flush=True)
			sys.stdin.read()
			""";

	private static final String PYTHON_WHOLE_FILE = PYTHON.replace(", 1, int(sys.argv[2])", "");

	private final Path directory;

	WitnessTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
	}

	@Test
	void flockOfTheShellIsRefusedWhileWeHoldAnFlock() throws Exception {
		assumePresent("flock", "--version");
		Path file = this.directory.resolve("LOCK");
		try (PidFileLockManager manager = open(SystemLock.FLOCK)) {
			assertThat(manager.getDirectory()).exists();
			assertThat(exitCode("flock", "-n", "-E", "9", file.toString(), "true")).isEqualTo(9);
		}
		assertThat(exitCode("flock", "-n", "-E", "9", file.toString(), "true")).isZero();
	}

	@Test
	void weAreRefusedAnFlockWhileFlockOfTheShellHoldsIt() throws Exception {
		assumePresent("flock", "--version");
		Path file = Files.createFile(this.directory.resolve("LOCK"));
		try (LockFileProcess holder = LockFileProcess.startProgram("flock", "-n", file.toString(), "sh", "-c",
				"echo LOCKED; cat")) {
			holder.until("LOCKED");
			assertThatExceptionOfType(PidLockException.AlreadyHeld.class).isThrownBy(() -> open(SystemLock.FLOCK))
				.withMessageContaining("its pid is not known")
				.satisfies((ex) -> assertThat(ex.getPid()).isEmpty());
			holder.end();
		}
		open(SystemLock.FLOCK).close();
	}

	@Test
	void theTwoKindsDoNotSeeEachOther() throws Exception {
		assumePresent("flock", "--version");
		try (PidFileLockManager manager = open(SystemLock.FCNTL)) {
			assertThat(exitCode("flock", "-n", "-E", "9", manager.getDirectory().resolve("LOCK").toString(), "true"))
				.isZero();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { PYTHON_BYTE, PYTHON_WHOLE })
	void lockfOfPythonIsRefusedWhileWeHoldARecordLock(String range) throws Exception {
		assumePresent("python3", "--version");
		try (PidFileLockManager manager = open(SystemLock.FCNTL)) {
			assertThat(python(range, manager.getDirectory().resolve("LOCK"))).isNotZero();
		}
		assertThat(python(range, this.directory.resolve("LOCK"))).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { PYTHON_BYTE, PYTHON_WHOLE })
	void weAreRefusedARecordLockWhileLockfOfPythonHoldsIt(String range) throws Exception {
		assumePresent("python3", "--version");
		Path file = Files.createFile(this.directory.resolve("LOCK"));
		try (LockFileProcess holder = LockFileProcess.startProgram(pythonCommand(range, file))) {
			holder.until("LOCKED");
			assertThatExceptionOfType(PidLockException.AlreadyHeld.class).isThrownBy(() -> open(SystemLock.FCNTL));
			holder.end();
		}
		open(SystemLock.FCNTL).close();
	}

	@ParameterizedTest
	@ValueSource(strings = { PYTHON_BYTE, PYTHON_WHOLE })
	void lockfOfPythonIsRefusedWhileWeHoldAKey(String range) throws Exception {
		assumePresent("python3", "--version");
		Path file = this.directory.resolve("k.lock");
		try (LockManager manager = PerKeyFileLockManager.open(this.directory, SILENT)) {
			LockGuard guard = manager.tryLock("k").orElseThrow();
			assertThat(python(range, file)).isNotZero();
			guard.close();
			assertThat(python(range, file)).isZero();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { PYTHON_BYTE, PYTHON_WHOLE })
	void aKeyIsBusyWhileLockfOfPythonHoldsItsFile(String range) throws Exception {
		assumePresent("python3", "--version");
		Path file = Files.createFile(this.directory.resolve("k.lock"));
		try (LockManager manager = PerKeyFileLockManager.open(this.directory, SILENT);
				LockFileProcess holder = LockFileProcess.startProgram(pythonCommand(range, file))) {
			holder.until("LOCKED");
			assertThat(manager.tryLock("k")).isEmpty();
			holder.end();
			try (LockGuard guard = manager.lock("k", Eventually.LIMIT)) {
				assertThat(guard.isHeld()).isTrue();
			}
		}
	}

	@Test
	void theKernelListsOurLocksWhileWeHoldThem() throws Exception {
		assumeThat(Path.of("/proc/locks")).as("the kernel's list of locks").isReadable();
		Path other = Files.createDirectory(this.directory.resolve("other"));
		try (PidFileLockManager fcntl = open(SystemLock.FCNTL);
				PidFileLockManager flock = PidFileLockManager.open(other, SystemLock.FLOCK, SILENT);
				LockManager perKey = PerKeyFileLockManager.open(this.directory, SILENT);
				LockGuard guard = perKey.tryLock("k").orElseThrow()) {
			untilListed(fcntl.getDirectory().resolve("LOCK"), "POSIX WRITE 4611686018427387904");
			untilListed(flock.getDirectory().resolve("LOCK"), "FLOCK WRITE 0");
			untilListed(this.directory.resolve(guard.key() + ".lock"), "POSIX WRITE 4611686018427387904");
		}
		assertThat(listed(this.directory.resolve("LOCK"))).isEmpty();
		assertThat(listed(other.resolve("LOCK"))).isEmpty();
		assertThat(listed(this.directory.resolve("k.lock"))).isEmpty();
	}

	/** The list is read in pieces: one is missed while those before it come and go. */
	private static void untilListed(Path file, String lock) throws InterruptedException {
		Eventually.until(lock + " is listed", () -> {
			try {
				return listed(file).equals(List.of(lock));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		});
	}

	/** Read without the code under test. */
	private static List<String> listed(Path file) throws IOException {
		String pid = String.valueOf(ProcessHandle.current().pid());
		String inode = String.valueOf(Files.getAttribute(file, "unix:ino"));
		return Files.readAllLines(Path.of("/proc/locks"))
			.stream()
			.map((line) -> line.trim().replaceAll(" +", " ").split(" ", -1))
			.filter((parts) -> parts[4].equals(pid) && parts[5].endsWith(":" + inode))
			.map((parts) -> parts[1] + " " + parts[3] + " " + parts[6])
			.toList();
	}

	private static String[] pythonCommand(String range, Path file) {
		return new String[] { "python3", "-c", range.equals(PYTHON_BYTE) ? PYTHON : PYTHON_WHOLE_FILE, file.toString(),
				String.valueOf(ChannelLock.LOCKED_BYTE) };
	}

	private static int python(String range, Path file) throws Exception {
		return exitCode(pythonCommand(range, file));
	}

	private PidFileLockManager open(SystemLock kind) {
		return PidFileLockManager.open(this.directory, kind, SILENT);
	}

	private static void assumePresent(String... command) throws Exception {
		boolean present;
		try {
			present = exitCode(command) == 0;
		}
		catch (IOException ex) {
			present = false;
		}
		assumeThat(present).as("program " + command[0] + " is installed").isTrue();
	}

	private static int exitCode(String... command) throws Exception {
		Process process = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
		process.getOutputStream().close();
		if (!process.waitFor(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
			process.destroyForcibly();
			throw new AssertionError("Does not end: " + List.of(command));
		}
		return process.exitValue();
	}

}
