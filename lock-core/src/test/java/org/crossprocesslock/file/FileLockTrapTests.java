package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/** What takes a lock away from under its holder, or lets a second one in. */
class FileLockTrapTests {

	private static final LockListener SILENT = new LockListener() {
	};

	private final List<String> heard = new CopyOnWriteArrayList<>();

	private final LockListener listener = new LockListener() {

		@Override
		public void onLost(LockRequest request, long fencingToken, String reason) {
			FileLockTrapTests.this.heard.add("lost " + request.key());
		}

		@Override
		public void onLeaseLost(String reason) {
			FileLockTrapTests.this.heard.add("lease lost");
		}

	};

	private final Path directory;

	FileLockTrapTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
	}

	@BeforeEach
	void lossesAreKnownWithinASecond() {
		assertThat(LockFileWatch.PERIOD).isLessThan(Duration.ofSeconds(1));
	}

	@AfterEach
	void noLockFileStaysInUse() throws InterruptedException {
		Eventually.until("no lock file is in use", () -> Map.of()
			.equals(System.getProperties().getOrDefault("org.crossprocesslock.file.in-use", Map.of())));
	}

	@ParameterizedTest
	@EnumSource
	void guardsAreLostWhenTheLockFileIsDeleted(SystemLock kind) throws Exception {
		try (PidFileLockManager manager = PidFileLockManager.open(this.directory, kind, this.listener)) {
			LockGuard guard = manager.tryLock("k").orElseThrow();
			Files.delete(this.directory.resolve("LOCK"));
			assertIsLost(guard, "deleted or replaced");
			Eventually.until("the listener is told", () -> this.heard.equals(List.of("lost k", "lease lost")));
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> manager.tryLock("k"))
				.withMessageContaining("open the directory again")
				.matches(LockStoreException::isPermanent);
			try (PidFileLockManager next = PidFileLockManager.open(this.directory, kind, SILENT);
					LockGuard nextGuard = next.tryLock("k").orElseThrow()) {
				assertThat(nextGuard.fencingToken()).isGreaterThan(guard.fencingToken());
			}
		}
	}

	@Test
	void whoIsToldOfALossOpensTheDirectoryAgainAtOnce() throws Exception {
		assumeThat(Path.of("/proc/locks")).as("the kernel's list of locks").isReadable();
		AtomicBoolean told = new AtomicBoolean();
		CompletableFuture<PidFileLockManager> next = new CompletableFuture<>();
		try (PidFileLockManager manager = PidFileLockManager.open(this.directory, SystemLock.FCNTL, SILENT)) {
			// so many that the first is told long before the last
			for (int i = 0; i < 2000; i++) {
				manager.tryLock("k" + i).orElseThrow().onLost(() -> {
					if (told.compareAndSet(false, true)) {
						next.completeAsync(() -> PidFileLockManager.open(this.directory, SystemLock.FCNTL, SILENT));
					}
				});
			}
			PidLock.opening.lock();
			try {
				assertThat(Files.readString(this.directory.resolve("LOCK"))).isNotBlank();
				Eventually.until("one opens it and another gives it up", () -> PidLock.opening.getQueueLength() == 2);
			}
			finally {
				PidLock.opening.unlock();
			}
			next.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS).close();
		}
	}

	@Test
	void theGuardOfAKeyIsLostWhenItsLockFileIsReplaced() throws Exception {
		try (LockManager manager = openPerKey(); LockGuard other = manager.tryLock("other").orElseThrow()) {
			LockGuard guard = manager.tryLock("k").orElseThrow();
			Path replacement = Files.createFile(this.directory.resolve("replacement"));
			Files.move(replacement, this.directory.resolve("k.lock"), StandardCopyOption.REPLACE_EXISTING);
			assertIsLost(guard, "deleted or replaced");
			Eventually.until("the listener is told", () -> this.heard.equals(List.of("lost k")));
			assertThat(other.isHeld()).isTrue();
			try (LockGuard next = manager.lock("k", Eventually.LIMIT)) {
				assertThat(next.fencingToken()).isGreaterThan(guard.fencingToken());
			}
		}
	}

	@Test
	void guardsAreLostWhenOtherCodeOfThisProcessClosesTheFile() throws Exception {
		assumeThat(Path.of("/proc/locks")).as("the kernel's list of locks").isReadable();
		try (PidFileLockManager manager = PidFileLockManager.open(this.directory, SystemLock.FCNTL, this.listener)) {
			LockGuard guard = manager.tryLock("k").orElseThrow();
			assertThat(Files.readString(this.directory.resolve("LOCK"))).isNotBlank();
			assertIsLost(guard, "other code of this process");
			Eventually.until("the listener is told", () -> this.heard.equals(List.of("lost k", "lease lost")));
		}
		try (LockManager manager = openPerKey()) {
			LockGuard guard = manager.tryLock("k").orElseThrow();
			assertThat(Files.readString(this.directory.resolve("k.lock"))).isNotBlank();
			assertIsLost(guard, "other code of this process");
		}
	}

	@Test
	void anFlockIsNotLostWhenOtherCodeOfThisProcessClosesTheFile() throws Exception {
		try (PidFileLockManager manager = PidFileLockManager.open(this.directory, SystemLock.FLOCK, this.listener);
				LockGuard guard = manager.tryLock("k").orElseThrow()) {
			assertThat(Files.readString(this.directory.resolve("LOCK"))).isNotBlank();
			try (LockFileProcess refused = LockFileProcess.start("FLOCK", this.directory)) {
				refused.until("REFUSED");
			}
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "relative", "symbolic link", "hard link", "dots" })
	void aSecondManagerIsRefusedByWhateverPathAndTheFirstKeepsItsLock(String way) throws Exception {
		try (PidFileLockManager manager = openPid(this.directory);
				LockGuard guard = manager.tryLock("k").orElseThrow()) {
			Path alias = alias(way);
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(PidLockException.AlreadyHeld.class).isThrownBy(() -> openPid(alias))
					.satisfies((ex) -> assertThat(ex.getPid()).hasValue(ProcessHandle.current().pid()));
			}
			assertThat(descriptorsOf(this.directory.resolve("LOCK"))).hasSize(1);
			assertOthersAreRefused();
			assertThat(guard.isHeld()).isTrue();
		}
	}

	private static List<Path> descriptorsOf(Path file) throws IOException {
		Path all = Path.of("/proc/self/fd");
		assumeThat(all).as("the kernel's list of open files").isDirectory();
		try (Stream<Path> descriptors = Files.list(all)) {
			FileIdentity identity = FileIdentity.of(file);
			return descriptors.filter(identity::isOf).toList();
		}
	}

	private Path alias(String way) throws IOException {
		return switch (way) {
			case "relative" -> Path.of("").toAbsolutePath().relativize(this.directory);
			case "symbolic link" -> Files.createSymbolicLink(this.directory.resolve("link"), this.directory);
			case "hard link" -> {
				Path other = Files.createDirectory(this.directory.resolve("other"));
				Files.createLink(other.resolve("LOCK"), this.directory.resolve("LOCK"));
				yield other;
			}
			default -> this.directory.resolve("..").resolve(this.directory.getFileName()).resolve(".");
		};
	}

	@Test
	void aSecondClassLoaderIsRefusedAndTheFirstKeepsItsLock() throws Exception {
		try (PidFileLockManager manager = openPid(this.directory);
				LockGuard guard = manager.tryLock("k").orElseThrow()) {
			assertThatExceptionOfType(RuntimeException.class)
				.isThrownBy(() -> AnotherClassLoader.openPid(this.directory))
				.withMessageContaining("another lock manager of this process");
			assertThat(descriptorsOf(this.directory.resolve("LOCK"))).hasSize(1);
			assertOthersAreRefused();
			assertThat(guard.isHeld()).isTrue();
		}
		AnotherClassLoader.openPid(this.directory).close();
	}

	@Test
	void aKeyOfASecondClassLoaderIsBusyAndItKeepsItsLock() throws Exception {
		try (LockManager first = openPerKey();
				LockManager second = AnotherClassLoader.openPerKey(this.directory);
				LockGuard guard = first.tryLock("k").orElseThrow()) {
			assertThat(second.tryLock("k")).isEmpty();
			try (LockFileProcess refused = LockFileProcess.start("per-key", this.directory, "k", "PT0S")) {
				refused.until("BUSY");
			}
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Test
	void aLockOfOtherCodeInThisProcessIsRespectedAndSurvives() throws Exception {
		Path file = Files.createFile(this.directory.resolve("LOCK"));
		try (FileChannel foreign = FileChannel.open(file, StandardOpenOption.WRITE); FileLock lock = foreign.lock()) {
			for (int i = 0; i < 3; i++) {
				assertThatExceptionOfType(PidLockException.AlreadyHeld.class).isThrownBy(() -> openPid(this.directory));
			}
			assertThat(lock.isValid()).isTrue();
			assertOthersAreRefused();
		}
		openPid(this.directory).close();
	}

	@ParameterizedTest
	@EnumSource
	void anInterruptedThreadCanOpenAManagerAndKeepsItsFlag(SystemLock kind) throws Exception {
		try {
			Thread.currentThread().interrupt();
			try (PidFileLockManager manager = PidFileLockManager.open(this.directory, kind, SILENT);
					LockGuard guard = manager.tryLock("k").orElseThrow();
					LockManager perKey = openPerKey();
					LockGuard key = perKey.tryLock("k").orElseThrow()) {
				assertThat(Thread.interrupted()).isTrue();
				try (LockFileProcess refused = LockFileProcess.start(kind.name(), this.directory);
						LockFileProcess busy = LockFileProcess.start("per-key", this.directory, "k", "PT0S")) {
					refused.until("REFUSED");
					busy.until("BUSY");
				}
				assertThat(guard.isHeld() && key.isHeld()).isTrue();
			}
		}
		finally {
			Thread.interrupted();
		}
	}

	@Test
	void aLockFileThatIsReplacedWhileItIsBeingLockedIsNotTheOneThatIsHeld() throws Exception {
		Path file = Files.createFile(this.directory.resolve("LOCK"));
		AtomicInteger looks = new AtomicInteger();
		Look<LockFile> look = LockFile.tryLock(file, (path, identity) -> {
			if (looks.getAndIncrement() == 0) {
				Files.move(Files.createFile(this.directory.resolve("new")), path, StandardCopyOption.REPLACE_EXISTING);
			}
			return ChannelLock.tryLock(path, identity);
		});
		assertThat(look).isInstanceOfSatisfying(Look.Taken.class, (taken) -> {
			assertThat(((LockFile) taken.lock()).loss(ProcLocks.read())).isEmpty();
			((LockFile) taken.lock()).close();
		});
		assertThat(looks).hasValue(2);
	}

	@Test
	void anFlockIsClosedWhenAnotherProgramIsExecuted() throws Exception {
		try (PidFileLockManager manager = PidFileLockManager.open(this.directory, SystemLock.FLOCK, SILENT)) {
			Path descriptor = descriptorsOf(manager.getDirectory().resolve("LOCK")).get(0);
			List<String> info = Files.readAllLines(Path.of("/proc/self/fdinfo").resolve(descriptor.getFileName()));
			String flags = info.stream().filter((line) -> line.startsWith("flags:")).findFirst().orElseThrow();
			long closeOnExec = 02000000L;
			assertThat(Long.parseLong(flags.substring("flags:".length()).trim(), 8) & closeOnExec)
				.isEqualTo(closeOnExec);
		}
	}

	@Test
	void lockFilesAreNeverDeleted() throws Exception {
		openPid(this.directory).close();
		try (LockManager manager = openPerKey()) {
			manager.tryLock("k").orElseThrow().close();
		}
		assertThat(this.directory).isDirectoryContaining((file) -> file.endsWith("LOCK"))
			.isDirectoryContaining((file) -> file.endsWith("k.lock"));
	}

	@Test
	void tokensGoOnFromTheClockWhenTheirFileIsGarbage() throws Exception {
		try (LockManager manager = openPerKey()) {
			LockGuard before = manager.tryLock("k").orElseThrow();
			before.clearDirty();
			before.close();
			// which goes in milliseconds
			while (TokenReserve.clockMicros() <= before.fencingToken()) {
				Thread.onSpinWait();
			}
			for (String garbage : List.of("", "garbage", "99999999999999999999", "-1")) {
				Files.writeString(this.directory.resolve("k.token"), garbage);
				try (LockGuard guard = manager.tryLock("k").orElseThrow()) {
					assertThat(guard.fencingToken()).isGreaterThan(before.fencingToken());
					assertThat(guard.isDirty()).isTrue();
				}
			}
		}
	}

	@Test
	void noTokenFollowsTheHighestNumber() throws Exception {
		new TokenFile(this.directory.resolve("k.token")).write(Long.MAX_VALUE);
		try (LockManager manager = openPerKey()) {
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> manager.lock("k", Eventually.LIMIT))
				.withMessageContaining("No fencing token follows 9223372036854775807, which is in ")
				.withMessageContaining("k.token")
				.matches(LockStoreException::isPermanent);
			Files.delete(this.directory.resolve("k.token"));
			assertThat(manager.tryLock("k")).hasValueSatisfying(LockGuard::close);
		}
		new TokenFile(this.directory.resolve("TOKEN")).write(Long.MAX_VALUE - 10);
		assertThatExceptionOfType(PidLockException.SetupFailed.class).isThrownBy(() -> openPid(this.directory))
			.withMessageContaining("No fencing token follows 9223372036854775797, which is in ");
	}

	@Test
	void tokensDoNotFollowAClockThatWasSetBack() throws Exception {
		long ahead = TokenReserve.clockMicros() + Duration.ofDays(1).toMillis() * 1000;
		new TokenFile(this.directory.resolve("k.token")).write(ahead);
		new TokenFile(this.directory.resolve("TOKEN")).write(ahead);
		try (LockManager perKey = openPerKey();
				LockManager pid = openPid(this.directory);
				LockGuard key = perKey.tryLock("k").orElseThrow();
				LockGuard guard = pid.tryLock("k").orElseThrow()) {
			assertThat(key.fencingToken()).isEqualTo(ahead + 1);
			assertThat(guard.fencingToken()).isEqualTo(ahead + 1);
		}
	}

	@Test
	void tokensThatWereHandedOutAreBelowWhatTheFileHolds() throws Exception {
		try (PidFileLockManager manager = openPid(this.directory);
				LockGuard guard = manager.tryLock("k").orElseThrow()) {
			assertThat(new TokenFile(this.directory.resolve("TOKEN")).read()).isGreaterThan(guard.fencingToken());
		}
	}

	@Test
	void aMissingDirectoryIsRefused() {
		Path missing = this.directory.resolve("missing");
		assertSetUpFails(missing, NoSuchFileException.class, "does not exist");
		assertThat(missing).doesNotExist();
	}

	@Test
	void aFileIsNoDirectory() throws IOException {
		assertSetUpFails(Files.createFile(this.directory.resolve("file")), NotDirectoryException.class,
				"is not a directory");
	}

	@Test
	void aDirectoryInPlaceOfTheLockFileIsRefused() throws IOException {
		Files.createDirectories(this.directory.resolve("LOCK/below"));
		assertThatExceptionOfType(PidLockException.SetupFailed.class).isThrownBy(() -> openPid(this.directory))
			.withCauseInstanceOf(IOException.class);
		Files.createDirectories(this.directory.resolve("k.lock/below"));
		try (LockManager manager = openPerKey()) {
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> manager.tryLock("k"));
			assertThat(manager.tryLock("other")).hasValueSatisfying(LockGuard::close);
		}
	}

	private static void assertSetUpFails(Path directory, Class<? extends IOException> cause, String reason) {
		for (SystemLock kind : SystemLock.values()) {
			assertThatExceptionOfType(PidLockException.SetupFailed.class)
				.isThrownBy(() -> PidFileLockManager.open(directory, kind, SILENT))
				.withMessageContaining(directory.toString())
				.withMessageContaining(reason)
				.withCauseInstanceOf(cause)
				.satisfies((ex) -> assertThat(ex.getDirectory()).isEqualTo(directory));
		}
		assertThatExceptionOfType(PidLockException.SetupFailed.class)
			.isThrownBy(() -> PerKeyFileLockManager.open(directory, SILENT))
			.withMessageContaining(reason)
			.withCauseInstanceOf(cause);
	}

	@Test
	void flockWithoutItsLibrarySaysWhatToAdd() {
		assertThatExceptionOfType(RuntimeException.class)
			.isThrownBy(() -> AnotherClassLoader.openFlockWithout("com.sun.jna.", this.directory))
			.withMessageContaining("net.java.dev.jna:jna")
			.withMessageContaining("FCNTL")
			.withCauseInstanceOf(LinkageError.class);
	}

	@Test
	void thePidCanBeReadWhileTheLockIsHeld() throws Exception {
		try (PidFileLockManager manager = openPid(this.directory)) {
			assertThat(manager.getSystemLock()).isEqualTo(SystemLock.FCNTL);
			try (LockFileProcess other = LockFileProcess.startProgram("head", "-n", "1",
					this.directory.resolve("LOCK").toString())) {
				assertThat(other.until("")).isEqualTo(String.valueOf(ProcessHandle.current().pid()));
			}
		}
	}

	private void assertOthersAreRefused() throws Exception {
		try (LockFileProcess refused = LockFileProcess.start("FCNTL", this.directory)) {
			refused.until("REFUSED");
			assertThat(refused.exitCode()).isEqualTo(LockFileProcess.ALREADY_HELD);
		}
	}

	private static void assertIsLost(LockGuard guard, String reason) throws Exception {
		CountDownLatch told = new CountDownLatch(1);
		guard.onLost(told::countDown);
		Eventually.until("the guard is lost", () -> !guard.isHeld());
		assertThat(told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		assertThatExceptionOfType(LockLostException.class).isThrownBy(guard::close).withMessageContaining(reason);
	}

	private PidFileLockManager openPid(Path used) {
		return PidFileLockManager.platformDefault(used, SILENT);
	}

	private LockManager openPerKey() {
		return PerKeyFileLockManager.open(this.directory, this.listener);
	}

}
