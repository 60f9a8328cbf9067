package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

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

	private static final Path KERNEL_LIST = Path.of("/proc/locks");

	/** A process of our own costs much more than one of Python. */
	private static final int OURS = 10;

	/**
	 * Takes turns on a key as docs/file-locks.md says and writes its letter into a file,
	 * after it has seen that nobody else does. Ends a turn when the other one is in line
	 * or has had all of its turns. Goes on for ever, and waits for nobody, if it is given
	 * no number.
	 */
	private static final String PYTHON = """
			import fcntl, os, sys, time
			KEY, TURNSTILE = 1 << 62, (1 << 62) + 1
			file = open(sys.argv[1] + '/k.lock', 'a+')
			inode = ':%d ' % os.fstat(file.fileno()).st_ino
			turns = all = int(sys.argv[2])
			def waited_for():
			    with open('/proc/locks') as list:
			        return any('->' in line and inode in line for line in list)
			def other_is_done():
			    with open(sys.argv[1] + '/turns') as log:
			        return log.read().count('j') >= all
			print('READY', flush=True)
			while turns != 0:
			    fcntl.lockf(file, fcntl.LOCK_EX, 1, TURNSTILE)
			    fcntl.lockf(file, fcntl.LOCK_EX, 1, KEY)
			    fcntl.lockf(file, fcntl.LOCK_UN, 1, TURNSTILE)
			    inside = os.open(sys.argv[1] + '/inside', os.O_CREAT | os.O_EXCL) if turns > 0 else 0
			    with open(sys.argv[1] + '/turns', 'a') as log:
			        log.write('p')
			    if turns > 0:
			        while not waited_for() and not other_is_done():
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
		assumeThat(KERNEL_LIST).as("the kernel's list of locks").isReadable();
		try (LockFileProcess python = python(TURNS)) {
			LineProcess.takeTurns(this.manager, "k", TURNS, (guard) -> turn());
			python.until("DONE");
		}
		String turns = turns();
		assertThat(turns).hasSize(2 * TURNS);
		long twiceInARow = IntStream.range(1, 2 * TURNS)
			.filter((turn) -> turns.charAt(turn) == turns.charAt(turn - 1))
			.count();
		// who is next in line and is held up for a second by a busy machine is passed
		assertThat(twiceInARow).as("turns taken by whoever had released to the one in line: %s", turns)
			.isLessThanOrEqualTo(TURNS / 20);
	}

	private String turns() throws IOException {
		return Files.readString(this.directory.resolve("turns"));
	}

	/**
	 * Creating the file fails if anybody else is inside. Ends when Python is in line or
	 * has had all of its turns, since whoever is not in line yet on a busy machine is not
	 * treated unfairly.
	 */
	private void turn() {
		try {
			Path inside = Files.createFile(this.directory.resolve("inside"));
			Files.writeString(this.directory.resolve("turns"), "j", StandardOpenOption.CREATE,
					StandardOpenOption.APPEND);
			while (!isWaitedFor() && turns().chars().filter((turn) -> turn == 'p').count() < TURNS) {
				LockSupport.parkNanos(this, 500_000);
			}
			Files.delete(inside);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private boolean isWaitedFor() throws IOException {
		String inode = ":" + Files.getAttribute(this.directory.resolve("k.lock"), "unix:ino");
		return Files.readAllLines(KERNEL_LIST)
			.stream()
			.anyMatch((line) -> line.contains("->") && line.contains(inode + " "));
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
