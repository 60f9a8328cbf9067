package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Directories on file systems that are read-only or full. They are mounted in a mount
 * namespace of a child process, so nothing is left of them.
 */
class UnwritableDirectoryTests {

	private static final LockListener SILENT = new LockListener() {
	};

	private final Path directory;

	UnwritableDirectoryTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "mount");
	}

	/** What runs in the child process. */
	public static void main(String[] arguments) throws Exception {
		Path directory = Path.of(arguments[1]);
		switch (arguments[0]) {
			case "set-up" -> {
				for (SystemLock kind : SystemLock.values()) {
					say(() -> PidFileLockManager.open(directory, kind, SILENT).close());
				}
				say(() -> PerKeyFileLockManager.open(directory, SILENT).close());
			}
			case "fills" -> {
				try (LockManager perKey = PerKeyFileLockManager.open(directory, SILENT);
						LockManager pid = PidFileLockManager.platformDefault(directory, SILENT)) {
					perKey.tryLock("before").orElseThrow().close();
					fill(directory);
					say(() -> perKey.tryLock("new").orElseThrow().close());
					// what was there before can be written in place
					say(() -> perKey.tryLock("before").orElseThrow().close());
					say(() -> pid.tryLock("any").orElseThrow().close());
					Files.delete(directory.resolve("ballast"));
					say(() -> perKey.tryLock("new").orElseThrow().close());
				}
			}
			default -> throw new IllegalArgumentException(arguments[0]);
		}
	}

	private static void say(Runnable work) {
		try {
			work.run();
			System.out.println("OK");
		}
		catch (RuntimeException ex) {
			String kind = (ex instanceof LockStoreException store) ? " permanent=" + store.isPermanent() : "";
			System.out.println(ex.getClass().getSimpleName() + kind + ": " + ex.getMessage());
		}
	}

	private static void fill(Path directory) throws IOException {
		try (var ballast = Files.newOutputStream(directory.resolve("ballast"))) {
			byte[] block = new byte[4096];
			while (true) {
				ballast.write(block);
			}
		}
		catch (IOException ex) {
			if (!String.valueOf(ex.getMessage()).contains("No space left")) {
				throw ex;
			}
		}
	}

	@Test
	void aReadOnlyDirectoryIsRefused() throws Exception {
		assertThat(runOn("ro", "set-up")).hasSize(3)
			.allSatisfy((line) -> assertThat(line).startsWith("SetupFailed")
				.contains(this.directory.toString())
				.contains("may not write there"));
	}

	@Test
	void aFullDirectoryIsRefusedByThePidLock() throws Exception {
		for (String full : List.of("size=4k", "nr_inodes=2")) {
			List<String> lines = runOn(full, "set-up");
			assertThat(lines).hasSize(3);
			assertThat(lines.subList(0, 2)).allSatisfy((line) -> assertThat(line).startsWith("SetupFailed")
				.contains(this.directory.toString())
				.contains("No space left"));
			// which needs room for keys only
			assertThat(lines.get(2)).isEqualTo("OK");
		}
	}

	@Test
	void aDiskThatIsFullCostsNewKeysOnlyAndIsNeverBusy() throws Exception {
		List<String> lines = runOn("size=64k", "fills");
		assertThat(lines).hasSize(4);
		assertThat(lines.get(0)).startsWith("LockStoreException permanent=false").contains("No space left");
		assertThat(lines.subList(1, 4)).containsExactly("OK", "OK", "OK");
	}

	private List<String> runOn(String options, String what) throws Exception {
		List<String> java = new ArrayList<>(LockFileProcess.javaCommand());
		java.set(java.size() - 1, UnwritableDirectoryTests.class.getName());
		java.addAll(List.of(what, this.directory.toString()));
		String script = "mount -t tmpfs -o \"$1\" none \"$2\" || exit 99; shift 2; exec \"$@\"";
		List<String> command = new ArrayList<>(
				List.of("unshare", "--mount", "sh", "-c", script, "sh", options, this.directory.toString()));
		command.addAll(java);
		Process process = started(command);
		List<String> lines = process.inputReader().lines().filter((line) -> !line.contains(" INFO ")).toList();
		assertThat(process.waitFor(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assumeThat(process.exitValue()).as("this process may mount a file system: " + lines).isZero();
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
