package org.crossprocesslock.file;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/** Per-key locks at the limits that the system sets: open files and rights. */
class PerKeyLimitTests {

	private static final int MANY = 10_000;

	private static final long FILES_OF_A_PROCESS = 256;

	private final Path directory;

	private final LockManager manager;

	PerKeyLimitTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
		this.manager = PerKeyFileLockManager.open(this.directory, new LockListener() {
		});
	}

	@AfterEach
	void closeManager() {
		this.manager.close();
	}

	@Test
	@Tag("full")
	void tenThousandKeysAreHeldAtOnce() throws Exception {
		assumeThat(OpenFiles.limit().orElse(0)).as("open files of this process").isGreaterThan(MANY + 1000);
		List<LockGuard> guards = new ArrayList<>();
		for (int i = 0; i < MANY; i++) {
			guards.add(this.manager.tryLock("k" + i).orElseThrow());
		}
		long before = openFiles();
		assertThat(before).isGreaterThanOrEqualTo(MANY);
		Thread.sleep(LockFileWatch.PERIOD.multipliedBy(3).toMillis());
		assertThat(guards).allMatch(LockGuard::isHeld);
		guards.forEach(LockGuard::close);
		Eventually.until("the files are closed", () -> openFiles() < before - MANY / 2);
	}

	private static long openFiles() {
		String[] open = Path.of("/proc/self/fd").toFile().list();
		return (open != null) ? open.length : 0;
	}

	@Test
	void atTheLimitOfOpenFilesAnErrorSaysSoAndNothingIsLost() throws Exception {
		try (LockFileProcess process = wrapped("sh", "-c", "ulimit -n " + FILES_OF_A_PROCESS + "; exec \"$@\"", "sh")) {
			process.until("READY");
			process.tell("hold k 1000");
			assertThat(process.until("FAILED")).contains("as many files open as it may (" + FILES_OF_A_PROCESS + ")")
				.contains("ulimit -n");
			int held = Integer.parseInt(process.until("HELD").split(" ", -1)[1]);
			assertThat(held).isBetween(10, (int) FILES_OF_A_PROCESS);
			// one of them to spare for the look at all locks of the system, now and then
			process.tell("unlock k0", "unlock k1", "lock other PT0S");
			process.until("RELEASED k1");
			process.until("GOT other");
			assertThat(this.manager.tryLock("k0")).hasValueSatisfying(LockGuard::close);
			assertThat(this.manager.tryLock("k1")).hasValueSatisfying(LockGuard::close);
			for (int i = 2; i < held; i++) {
				assertThat(this.manager.tryLock("k" + i)).isEmpty();
			}
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "k.lock", "k.token" })
	void aFileThatMayNotBeWrittenIsAnErrorThatSaysSo(String name) throws Exception {
		Path file = Files.createFile(this.directory.resolve(name));
		Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
		// the superuser may write it nevertheless, unless he has given up that right
		try (LockFileProcess process = System.getProperty("user.name").equals("root")
				? wrapped("setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override")
				: LineProcess.start(this.directory)) {
			process.tell("lock k PT0S");
			assertThat(process.until("FAILED k")).contains("LockStoreException")
				.contains(file.toString())
				.contains("made by another user");
			process.tell("lock other PT0S");
			process.until("GOT other");
			// nothing of the key has stayed locked
			Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
			process.tell("lock k PT0S");
			process.until("GOT k");
		}
	}

	private LockFileProcess wrapped(String... wrapper) throws IOException {
		List<String> java = LockFileProcess.javaCommand();
		java.set(java.size() - 1, LineProcess.class.getName());
		java.set(java.indexOf("-cp") + 1, jars());
		List<String> command = new ArrayList<>(List.of(wrapper));
		command.addAll(java);
		command.add(this.directory.toString());
		return LockFileProcess.startProgram(command.toArray(String[]::new));
	}

	/** A class that is not in a jar cannot be loaded once there is no open file left. */
	private String jars() throws IOException {
		ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
		List<String> jars = new ArrayList<>();
		for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
			// after a separator at the end
			if (path.isEmpty()) {
				continue;
			}
			if (Files.isDirectory(Path.of(path))) {
				Path made = this.directory.resolveSibling("classes-" + jars.size() + ".jar");
				assertThat(jar.run(System.out, System.err, "-cf", made.toString(), "-C", path, ".")).isZero();
				jars.add(made.toString());
			}
			else {
				jars.add(path);
			}
		}
		return String.join(File.pathSeparator, jars);
	}

}
