package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Per-key locks of two processes on file systems that are mounted for the test, in a
 * mount namespace of a child process, so nothing is left of them.
 */
@Tag("full")
class PerKeyFileSystemTests {

	private static final String TMPFS = "mount -t tmpfs none \"$1\"";

	private static final String OVERLAY = TMPFS
			+ " && cd \"$1\" && mkdir lower upper work locks && mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work"
			+ " none locks";

	private static final String XFS = TMPFS
			+ " && cd \"$1\" && mkdir locks && truncate -s 320M image && PATH=$PATH:/usr/sbin mkfs.xfs -q image && mount -o loop image locks";

	private static final int CANNOT_BE_MOUNTED = 99;

	private final Path directory;

	PerKeyFileSystemTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "mount");
	}

	/** What runs in the child process, on the file system. */
	public static void main(String[] arguments) throws Exception {
		Path directory = Files.createDirectories(Path.of(arguments[0], "locks"));
		try (LockManager manager = PerKeyFileLockManager.open(directory, new LockListener() {
		}); LockFileProcess other = LineProcess.start(directory)) {
			LockGuard guard = manager.tryLock("k").orElseThrow();
			other.tell("lock k PT0S");
			other.until("BUSY k");
			other.tell("lock k PT60S");
			// long enough for the watch to find fault with the lock
			Thread.sleep(LockFileWatch.PERIOD.multipliedBy(3).toMillis());
			System.out.println("held: " + guard.isHeld());
			guard.close();
			long token = Long.parseLong(other.until("GOT k").split(" ", -1)[2]);
			System.out.println("greater: " + (token > guard.fencingToken()));
			System.out.println("busy: " + manager.tryLock("k").isEmpty());
			other.kill("KILL");
			manager.lock("k", Eventually.LIMIT).close();
			System.out.println("taken over");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { TMPFS, OVERLAY, XFS })
	void twoProcessesExcludeEachOtherAndTakeOver(String mount) throws Exception {
		assertThat(runOn(mount)).containsExactly("held: true", "greater: true", "busy: true", "taken over");
	}

	private List<String> runOn(String mount) throws Exception {
		List<String> command = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c",
				"( " + mount + " ) >/dev/null 2>&1 || exit " + CANNOT_BE_MOUNTED + "; shift; exec \"$@\"", "sh",
				this.directory.toString()));
		command.addAll(LockFileProcess.javaCommand());
		command.set(command.size() - 1, PerKeyFileSystemTests.class.getName());
		command.add(this.directory.toString());
		Process process = started(command);
		List<String> lines = process.inputReader().lines().filter((line) -> !line.contains(" INFO ")).toList();
		assertThat(process.waitFor(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assumeThat(process.exitValue()).as("this process can mount it: " + mount).isNotEqualTo(CANNOT_BE_MOUNTED);
		return lines;
	}

	private static Process started(List<String> command) {
		try {
			return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		}
		catch (IOException ex) {
			assumeThat(ex).as("program unshare is installed").isNull();
			throw new AssertionError(ex);
		}
	}

}
