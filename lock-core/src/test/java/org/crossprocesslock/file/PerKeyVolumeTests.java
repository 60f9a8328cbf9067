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

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * The same again and again: a few times in the build, a thousand kills and ten thousand
 * turns of each process where there is time for it.
 */
class PerKeyVolumeTests {

	private static final Path KERNEL_LIST = Path.of("/proc/locks");

	/** A process of our own takes far longer to start than one of Python. */
	private static final int OURS = 25;

	/**
	 * Takes turns on a key as docs/file-locks.md says and writes its letter into a file,
	 * after it has seen that nobody else does. Ends a turn when the other one is in line
	 * or has had all of its turns.
	 */
	private static final String TURNS = """
			import fcntl, os, sys, time
			KEY, TURNSTILE = 1 << 62, (1 << 62) + 1
			file = open(sys.argv[1] + '/k.lock', 'a+')
			inode = ':%d ' % os.fstat(file.fileno()).st_ino
			turns = int(sys.argv[2])
			def waited_for():
			    with open('/proc/locks') as list:
			        return any('->' in line and inode in line for line in list)
			print('READY', flush=True)
			for turn in range(turns):
			    fcntl.lockf(file, fcntl.LOCK_EX, 1, TURNSTILE)
			    fcntl.lockf(file, fcntl.LOCK_EX, 1, KEY)
			    fcntl.lockf(file, fcntl.LOCK_UN, 1, TURNSTILE)
			    inside = os.open(sys.argv[1] + '/inside', os.O_CREAT | os.O_EXCL)
			    with open(sys.argv[1] + '/turns', 'a') as log:
			        log.write('p')
			    while not waited_for() and not os.path.exists(sys.argv[1] + '/done'):
			        time.sleep(0.0001)
			    os.close(inside)
			    os.unlink(sys.argv[1] + '/inside')
			    fcntl.lockf(file, fcntl.LOCK_UN, 1, KEY)
			open(sys.argv[1] + '/done', 'w').close()
			print('DONE', flush=True)
			""";

	/**
	 * Makes a process for each line of its input, since starting them one by one takes a
	 * hundred times as long. They take turns for ever, and wait for nobody.
	 */
	private static final String VICTIMS = """
			import fcntl, os, signal, sys
			KEY, TURNSTILE = 1 << 62, (1 << 62) + 1
			signal.signal(signal.SIGCHLD, signal.SIG_IGN)
			for line in sys.stdin:
			    if os.fork() == 0:
			        file = open(sys.argv[1] + '/k.lock', 'a+')
			        os.write(1, b'PID %d\\n' % os.getpid())
			        while True:
			            fcntl.lockf(file, fcntl.LOCK_EX, 1, TURNSTILE)
			            fcntl.lockf(file, fcntl.LOCK_EX, 1, KEY)
			            fcntl.lockf(file, fcntl.LOCK_UN, 1, TURNSTILE)
			            fcntl.lockf(file, fcntl.LOCK_UN, 1, KEY)
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
		takeTurns(200);
	}

	@Test
	@Tag("full")
	void aProgramInAnotherLanguageTakesTenThousandTurnsWithUs() throws Exception {
		takeTurns(10_000);
	}

	private void takeTurns(int count) throws Exception {
		assumeThat(KERNEL_LIST).as("the kernel's list of locks").isReadable();
		try (LockFileProcess python = python(TURNS, String.valueOf(count))) {
			python.until("READY");
			LineProcess.takeTurns(this.manager, "k", count, (guard) -> turn());
			LineProcess.endTurns(this.directory);
			python.until("DONE");
		}
		String turns = Files.readString(this.directory.resolve("turns"));
		assertThat(turns).hasSize(2 * count);
		long twiceInARow = IntStream.range(1, 2 * count)
			.filter((turn) -> turns.charAt(turn) == turns.charAt(turn - 1))
			.count();
		// who is next in line and is held up for a second by a busy machine is passed
		assertThat(twiceInARow).as("turns taken by whoever had released to the one in line: %s", turns)
			.isLessThanOrEqualTo(count / 20);
	}

	/** Creating the file fails if anybody else is inside. */
	private void turn() {
		try {
			Path inside = Files.createFile(this.directory.resolve("inside"));
			Files.writeString(this.directory.resolve("turns"), "j", StandardOpenOption.CREATE,
					StandardOpenOption.APPEND);
			LineProcess.untilWaitedFor(this.directory, "k");
			Files.delete(inside);
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void whoIsKilledAnywhereLeavesTheKeyToTheOthers() throws Exception {
		kill(20);
	}

	@Test
	@Tag("full")
	void aThousandWhoAreKilledAnywhereLeaveTheKeyToTheOthers() throws Exception {
		kill(1000);
	}

	private void kill(int kills) throws Exception {
		SplittableRandom random = new SplittableRandom();
		long last = 0;
		try (LockFileProcess python = python(VICTIMS)) {
			for (int killed = 0; killed < kills; killed += 2) {
				List<ProcessHandle> victims = new ArrayList<>();
				try {
					victims.add((killed % (2 * OURS) == 0) ? ours() : forked(python));
					victims.add(forked(python));
					for (int turn = 0; turn < 5; turn++) {
						last = lock(last);
					}
					LockSupport.parkNanos(random.nextInt(5_000_000));
					for (ProcessHandle victim : victims) {
						victim.destroyForcibly();
						last = lock(last);
					}
				}
				finally {
					victims.forEach(ProcessHandle::destroyForcibly);
				}
				Eventually.until("both are gone", () -> victims.stream().noneMatch(ProcessHandle::isAlive));
				assertThat(this.manager.tryLock("k")).as("the key after both are gone")
					.hasValueSatisfying(LockGuard::close);
			}
		}
	}

	private long lock(long last) throws InterruptedException {
		try (LockGuard guard = this.manager.lock("k", Duration.ofSeconds(20))) {
			assertThat(guard.fencingToken()).isGreaterThan(last);
			return guard.fencingToken();
		}
	}

	private ProcessHandle ours() throws Exception {
		LockFileProcess process = LineProcess.start(this.directory);
		process.tell("turns k " + Integer.MAX_VALUE);
		return handle(process.pid());
	}

	private static ProcessHandle forked(LockFileProcess python) throws Exception {
		python.tell("one more");
		return handle(Long.parseLong(python.until("PID").split(" ", -1)[1]));
	}

	private static ProcessHandle handle(long pid) {
		return ProcessHandle.of(pid).orElseThrow();
	}

	private LockFileProcess python(String program, String... more) {
		List<String> command = new ArrayList<>(List.of("python3", "-c", program, this.directory.toString()));
		command.addAll(List.of(more));
		return LockFileProcess.startProgram(command.toArray(String[]::new));
	}

}
