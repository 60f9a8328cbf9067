package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/** How processes wait in line for one key. */
class PerKeyLineTests {

	private static final String WAIT = Eventually.LIMIT.toString();

	private static final Path KERNEL_LIST = Path.of("/proc/locks");

	private final Path directory;

	private final LockManager manager;

	PerKeyLineTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
		this.manager = PerKeyFileLockManager.open(this.directory, new LockListener() {
		});
	}

	@BeforeEach
	void theKernelTellsWhoWaits() {
		assumeThat(KERNEL_LIST).as("the kernel's list of locks").isReadable();
	}

	@AfterEach
	void closeManager() {
		this.manager.close();
	}

	@Test
	void theKernelWaitsAndNobodyLooks() throws Exception {
		Eventually.until("no thread of an earlier test is left", () -> threadsOfWaits() == 0);
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			LockGuard guard = this.manager.tryLock("k").orElseThrow();
			other.tell("lock k " + WAIT);
			untilWaiting("k", other.pid());
			guard.close();
			other.until("GOT k");
			CompletableFuture<LockGuard> waiting = this.manager.lockAsync(LockRequest.of("k", Eventually.LIMIT));
			untilWaiting("k", ProcessHandle.current().pid());
			assertThat(threadsOfWaits()).isEqualTo(1);
			other.tell("unlock k");
			waiting.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS).close();
		}
		Eventually.until("the thread that has waited is gone", () -> threadsOfWaits() == 0);
	}

	@Test
	void aCallerThatBlocksWaitsInTheKernelItself() throws Exception {
		Eventually.until("no thread of an earlier test is left", () -> threadsOfWaits() == 0);
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("lock k PT0S");
			other.until("GOT k");
			Background<LockGuard> waiting = Background.call(() -> this.manager.lock("k", Eventually.LIMIT));
			untilWaiting("k", ProcessHandle.current().pid());
			assertThat(threadsOfWaits()).isZero();
			other.tell("unlock k");
			waiting.join().close();
		}
	}

	private static long threadsOfWaits() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("cross-process-lock-file-wait"))
			.count();
	}

	@Test
	void whoIsBehindACallerThatGivesUpGoesOnWaiting() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("lock k PT0S");
			other.until("GOT k");
			Background<LockGuard> first = Background.call(() -> this.manager.lock("k", Eventually.LIMIT));
			untilWaiting("k", ProcessHandle.current().pid());
			Background<LockGuard> second = Background.call(() -> this.manager.lock("k", Duration.ofSeconds(1)))
				.untilItWaitsOrIsDone();
			Background<LockGuard> third = Background.call(() -> this.manager.lock("k", Eventually.LIMIT))
				.untilItWaits();
			first.interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(first::join);
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(second::join);
			untilWaiting("k", ProcessHandle.current().pid());
			other.tell("unlock k");
			third.join().close();
		}
	}

	@Test
	void aCallerWhoseTimeIsOverLeavesTheWaitToWhoeverSharesIt() throws Exception {
		LockRequest shared = LockRequest.of("k", Eventually.LIMIT).withMode(LockMode.SHARED_IN_PROCESS);
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("lock k PT0S");
			other.until("GOT k");
			Background<LockGuard> first = Background.call(() -> this.manager
				.lock(LockRequest.of("k", Duration.ofSeconds(1)).withMode(LockMode.SHARED_IN_PROCESS)));
			String pid = String.valueOf(ProcessHandle.current().pid());
			Eventually.until("it waits in the kernel, or has waited",
					() -> waiting("k").contains(pid) || first.isDone());
			Background<LockGuard> second = Background.call(() -> this.manager.lock(shared)).untilItWaits();
			assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(first::join);
			untilWaiting("k", ProcessHandle.current().pid());
			other.tell("unlock k");
			second.join().close();
		}
	}

	@Test
	void anInterruptAtAnyMomentLeavesNothingBehind() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("turns k 1000");
			int given = 0;
			for (int i = 0; i < 200; i++) {
				Background<LockGuard> caller = Background.call(() -> this.manager.lock("k", Eventually.LIMIT));
				LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(1_500_000));
				caller.interrupt();
				try (LockGuard guard = caller.join()) {
					LineProcess.count(this.directory);
					given++;
				}
				catch (InterruptedException ex) {
					assertThat(Thread.currentThread().isInterrupted()).isFalse();
				}
			}
			other.until("DONE");
			assertThat(Files.readString(this.directory.resolve("count"))).isEqualTo(String.valueOf(1000 + given));
			Eventually.until("nothing is locked or waited for", () -> lines("k").isEmpty());
		}
	}

	@Test
	void processesThatUseTwoKeysCrosswiseAreNotTakenForADeadlock() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory);
				LockGuard one = this.manager.tryLock("one").orElseThrow()) {
			other.tell("lock two PT0S");
			other.until("GOT two");
			other.tell("lock one " + WAIT);
			untilWaiting("one", other.pid());
			// the kernel refuses to wait for this one
			Background<LockGuard> two = Background.call(() -> this.manager.lock("two", Eventually.LIMIT))
				.untilItWaits();
			Thread.sleep(300);
			assertThat(two.isDone()).isFalse();
			assertThat(waiting("two")).isEmpty();
			one.close();
			other.until("GOT one");
			other.tell("unlock two");
			two.join().close();
			other.tell("unlock one");
			other.until("RELEASED one");
		}
	}

	@Test
	void whoReleasesDoesNotTakeTheKeyAgainWhileAnotherProcessWaits() throws Exception {
		int turns = 300;
		AtomicInteger fromOthers = new AtomicInteger();
		AtomicInteger own = new AtomicInteger();
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("alternate k " + turns);
			Background<Boolean> here = Background.call(() -> {
				LineProcess.takeTurns(this.manager, "k", turns, (guard) -> {
					LineProcess.count(this.directory);
					(guard.isDirty() ? fromOthers : own).incrementAndGet();
					guard.clearDirty();
					LineProcess.untilWaitedFor(this.directory, "k");
				});
				LineProcess.endTurns(this.directory);
				return true;
			});
			assertThat(here.join()).isTrue();
			other.until("DONE");
		}
		assertThat(Files.readString(this.directory.resolve("count"))).isEqualTo(String.valueOf(2 * turns));
		// who is next in line and is held up for a second by a busy machine is passed
		assertThat(own.get()).as("turns after one of its own, and not of the other process: " + fromOthers)
			.isLessThanOrEqualTo(turns / 20);
	}

	@Test
	void aProcessThatIsStoppedInLineIsPassed() throws Exception {
		try (LockFileProcess stopped = LineProcess.start(this.directory);
				LockFileProcess behind = LineProcess.start(this.directory)) {
			LockGuard guard = this.manager.tryLock("k").orElseThrow();
			stopped.tell("lock k " + WAIT);
			untilWaiting("k", stopped.pid());
			behind.tell("lock k " + WAIT);
			untilWaiting("k", behind.pid());
			stopped.stop();
			guard.close();
			assertThat(this.manager.tryLock("k")).as("out of turn").isEmpty();
			assertThat(this.manager.tryLock("k")).as("out of turn, at the second try").isEmpty();
			behind.until("GOT k");
			behind.tell("unlock k");
			behind.until("RELEASED k");
			Eventually.until("who only tries passes it too", () -> {
				Optional<LockGuard> passing = this.manager.tryLock("k");
				passing.ifPresent(LockGuard::close);
				return passing.isPresent();
			});
			stopped.signal("CONT");
			stopped.until("GOT k");
		}
	}

	@Test
	void theKernelWakesWhoIsNextWhenTheHolderIsKilled() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("lock k PT0S");
			other.until("GOT k");
			Background<LockGuard> waiting = Background.call(() -> this.manager.lock("k", Eventually.LIMIT));
			// who sleeps on this byte is woken by the end of the lock and by nothing else
			untilAsleepOn("k", KeyFile.KEY);
			other.kill("KILL");
			waiting.join().close();
		}
	}

	@Test
	void whoIsBehindBecomesNextWhenTheOneBeforeIsKilled() throws Exception {
		try (LockFileProcess holder = LineProcess.start(this.directory);
				LockFileProcess next = LineProcess.start(this.directory)) {
			holder.tell("lock k PT0S");
			holder.until("GOT k");
			next.tell("lock k " + WAIT);
			untilWaiting("k", next.pid());
			Background<LockGuard> waiting = Background.call(() -> this.manager.lock("k", Eventually.LIMIT));
			untilAsleepOn("k", KeyFile.TURNSTILE);
			next.kill("KILL");
			untilAsleepOn("k", KeyFile.KEY);
			holder.kill("KILL");
			waiting.join().close();
		}
	}

	@Test
	void whoGivesUpLeavesNothingBehind() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("turns k 2000");
			int given = 0;
			for (int i = 0; i < 300; i++) {
				Duration wait = Duration.ofNanos(ThreadLocalRandom.current().nextLong(1_500_000));
				try (LockGuard guard = this.manager.lock("k", wait)) {
					LineProcess.count(this.directory);
					given++;
				}
				catch (LockTimeoutException ex) {
					assertThat(ex.getKey()).isEqualTo("k");
				}
			}
			other.until("DONE");
			assertThat(Files.readString(this.directory.resolve("count"))).isEqualTo(String.valueOf(2000 + given));
			Eventually.until("nothing is locked or waited for", () -> lines("k").isEmpty());
		}
	}

	@Test
	void anInterruptedCallerLeavesTheLine() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("lock k PT0S");
			other.until("GOT k");
			Background<LockGuard> waiting = Background.call(() -> this.manager.lock("k", Eventually.LIMIT));
			untilWaiting("k", ProcessHandle.current().pid());
			waiting.interrupt();
			assertThatExceptionOfType(InterruptedException.class).isThrownBy(waiting::join);
			Eventually.until("nobody waits", () -> waiting("k").isEmpty());
			other.tell("unlock k");
			other.until("RELEASED k");
			this.manager.tryLock("k").orElseThrow().close();
		}
	}

	@Test
	void aWaitGoesOnWithTheFileThatReplacesTheOneWaitedFor() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			other.tell("lock k PT0S");
			other.until("GOT k");
			Background<LockGuard> waiting = Background.call(() -> this.manager.lock("k", Eventually.LIMIT));
			untilWaiting("k", ProcessHandle.current().pid());
			Path replacement = Files.createFile(this.directory.resolve("replacement"));
			Files.move(replacement, this.directory.resolve("k.lock"), StandardCopyOption.REPLACE_EXISTING);
			try (LockGuard guard = waiting.join()) {
				assertThat(guard.isHeld()).isTrue();
			}
		}
	}

	@Test
	void aManagerThatIsClosedStopsWaiting() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory);
				LockManager closing = PerKeyFileLockManager.open(this.directory, new LockListener() {
				})) {
			other.tell("lock k PT0S");
			other.until("GOT k");
			Background<LockGuard> waiting = Background.call(() -> closing.lock("k", Eventually.LIMIT));
			untilWaiting("k", ProcessHandle.current().pid());
			closing.close();
			assertThatExceptionOfType(IllegalStateException.class).isThrownBy(waiting::join);
			Eventually.until("nobody waits", () -> waiting("k").isEmpty());
		}
	}

	@Test
	void theKeyGoesFromHandToHandInOneProcessAndThenToTheOther() throws Exception {
		try (LockFileProcess other = LineProcess.start(this.directory)) {
			AtomicInteger turns = new AtomicInteger();
			List<Background<Boolean>> threads = List.of(busy(turns), busy(turns), busy(turns));
			Eventually.until("the key goes round", () -> turns.get() > 20);
			other.tell("lock k " + WAIT);
			other.until("GOT k");
			int then = turns.get();
			Thread.sleep(100);
			assertThat(turns.get()).isBetween(then, then + 1);
			other.tell("unlock k");
			turns.set(Integer.MAX_VALUE / 2);
			for (Background<Boolean> each : threads) {
				assertThat(each.join()).isTrue();
			}
		}
	}

	private Background<Boolean> busy(AtomicInteger turns) {
		return Background.call(() -> {
			long last = 0;
			while (turns.get() < Integer.MAX_VALUE / 2) {
				try (LockGuard guard = this.manager.lock("k", Eventually.LIMIT)) {
					assertThat(guard.fencingToken()).isGreaterThan(last);
					last = guard.fencingToken();
					turns.incrementAndGet();
				}
			}
			return true;
		});
	}

	private void untilWaiting(String key, long pid) throws InterruptedException {
		Eventually.until("process " + pid + " waits in the kernel", () -> waiting(key).contains(String.valueOf(pid)));
	}

	private void untilAsleepOn(String key, long which) throws InterruptedException {
		String pid = String.valueOf(ProcessHandle.current().pid());
		Eventually.until("this process waits in the kernel for byte " + which,
				() -> lines(key).stream()
					.anyMatch((parts) -> parts.get(1).equals("->") && parts.get(5).equals(pid)
							&& parts.get(7).equals(String.valueOf(which))));
	}

	/** The processes that the kernel lets wait. */
	private List<String> waiting(String key) {
		return lines(key).stream().filter((parts) -> parts.get(1).equals("->")).map((parts) -> parts.get(5)).toList();
	}

	/** Read without the code under test. */
	private List<List<String>> lines(String key) {
		try {
			String inode = ":" + Files.getAttribute(this.directory.resolve(key + ".lock"), "unix:ino");
			return Files.readAllLines(KERNEL_LIST)
				.stream()
				.map((line) -> List.of(line.trim().split(" +", -1)))
				.filter((parts) -> parts.stream().anyMatch((part) -> part.endsWith(inode)))
				.toList();
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
