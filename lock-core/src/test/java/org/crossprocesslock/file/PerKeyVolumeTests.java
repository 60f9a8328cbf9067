package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * The same again and again: a few times in the build, a thousand kills and ten thousand
 * turns with {@code -Dcrossprocesslock.files.kills=1000} and
 * {@code -Dcrossprocesslock.files.turns=10000}.
 */
class PerKeyVolumeTests {

	private static final int KILLS = Integer.getInteger("crossprocesslock.files.kills", 10);

	private static final int TURNS = Integer.getInteger("crossprocesslock.files.turns", 200);

	/** A process of our own costs much more than one of Python. */
	private static final int OURS = 10;

	/**
	 * Takes turns on a key as docs/file-locks.md says and writes its letter into a file,
	 * after it has seen that nobody else does. Goes on for ever if it is given no number.
	 */
	private static final String PYTHON = """
			import fcntl, os, sys, time
			KEY, TURNSTILE = 1 << 62, (1 << 62) + 1
			file = open(sys.argv[1] + '/k.lock', 'a+')
			turns = int(sys.argv[2])
			print('READY', flush=True)
			while turns != 0:
			    fcntl.lockf(file, fcntl.LOCK_EX, 1, TURNSTILE)
			    fcntl.lockf(file, fcntl.LOCK_EX, 1, KEY)
			    fcntl.lockf(file, fcntl.LOCK_UN, 1, TURNSTILE)
			    inside = os.open(sys.argv[1] + '/inside', os.O_CREAT | os.O_EXCL) if turns > 0 else 0
			    with open(sys.argv[1] + '/turns', 'a') as log:
			        log.write('p')
			    if turns > 0:
			        time.sleep(0.0005)
			        os.close(inside)
			        os.unlink(sys.argv[1] + '/inside')
			    fcntl.lockf(file, fcntl.LOCK_UN, 1, KEY)
			    turns -= 1
			print('DONE', flush=True)
			""";

	private final Path directory;

	private final LockManager manager;

	PerKeyVolumeTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
		this.manager = PerKeyFileLockManager.open(this.directory, new LockListener() {
		});
	}

	@BeforeEach
	void pythonIsInstalled() throws Exception {
		boolean present;
		try {
			present = new ProcessBuilder("python3", "--version").redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			present = false;
		}
		assumeThat(present).as("python3 is installed").isTrue();
	}

	@AfterEach
	void closeManager() {
		this.manager.close();
	}

	@Test
	void aProgramInAnotherLanguageTakesTurnsWithUs() throws Exception {
		try (LockFileProcess python = python(TURNS)) {
			LineProcess.takeTurns(this.manager, "k", TURNS, (guard) -> turn());
			python.until("DONE");
		}
		String turns = Files.readString(this.directory.resolve("turns"));
		assertThat(turns).hasSize(2 * TURNS);
		int both = Math.max(turns.indexOf('p'), turns.indexOf('j'));
		String together = turns.substring(both, Math.min(turns.lastIndexOf('p'), turns.lastIndexOf('j')) + 1);
		// on a busy machine one of them is often not in line for a while
		long ofPython = together.chars().filter((turn) -> turn == 'p').count();
		assertThat(ofPython).as("turns of Python in " + together.length())
			.isBetween(together.length() / 8L, together.length() * 7L / 8);
	}

	/** Creating the file fails if anybody else is inside. */
	private void turn() {
		try {
			Path inside = Files.createFile(this.directory.resolve("inside"));
			Files.writeString(this.directory.resolve("turns"), "j", StandardOpenOption.CREATE,
					StandardOpenOption.APPEND);
			Files.delete(inside);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void whoIsKilledAnywhereLeavesTheKeyToTheOthers() throws Exception {
		SplittableRandom random = new SplittableRandom();
		long last = 0;
		for (int i = 0; i < KILLS; i++) {
			List<LockFileProcess> victims = new ArrayList<>();
			try {
				victims.add((i % OURS == 0) ? ours() : python(-1));
				victims.add(python(-1));
				for (int turn = 0; turn < 5; turn++) {
					last = lock(last);
				}
				Thread.sleep(random.nextInt(10));
				for (LockFileProcess victim : victims) {
					victim.kill("KILL");
					last = lock(last);
				}
			}
			finally {
				victims.forEach(LockFileProcess::close);
			}
			assertThat(this.manager.tryLock("k")).as("the key after both are gone")
				.hasValueSatisfying(LockGuard::close);
		}
	}

	private long lock(long last) throws InterruptedException {
		try (LockGuard guard = this.manager.lock("k", Duration.ofSeconds(20))) {
			assertThat(guard.fencingToken()).isGreaterThan(last);
			return guard.fencingToken();
		}
	}

	private LockFileProcess ours() throws Exception {
		LockFileProcess process = LineProcess.start(this.directory);
		process.tell("turns k " + Integer.MAX_VALUE);
		return process;
	}

	private LockFileProcess python(int turns) throws Exception {
		LockFileProcess process = LockFileProcess.startProgram("python3", "-c", PYTHON, this.directory.toString(),
				String.valueOf(turns));
		process.until("READY");
		return process;
	}

}
