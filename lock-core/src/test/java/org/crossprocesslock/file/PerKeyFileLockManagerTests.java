package org.crossprocesslock.file;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.ref.WeakReference;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockManagerContract;
import org.crossprocesslock.LockReport;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.SharedGuards;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class PerKeyFileLockManagerTests extends LockManagerContract {

	private final Path directory;

	PerKeyFileLockManagerTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
	}

	@Override
	protected LockManager newManager(LockListener listener) {
		return PerKeyFileLockManager.open(this.directory, listener);
	}

	@Override
	protected Optional<LockManager> newManagerOfAnotherProcess() {
		return Optional.of(AnotherClassLoader.openPerKey(this.directory));
	}

	@Test
	void managersShareKeysThroughALink() throws Exception {
		Path link = Files.createSymbolicLink(this.directory.resolve("link"), this.directory);
		try (PerKeyFileLockManager second = PerKeyFileLockManager.open(link, new LockListener() {
		}); LockGuard guard = manager().tryLock(key()).orElseThrow()) {
			assertThat(second.getDirectory()).isEqualTo(this.directory.toRealPath());
			assertThat(second.tryLock(key())).isEmpty();
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Test
	void keysWhoseFilesAreOneExcludeEachOther() throws Exception {
		try (LockGuard guard = manager().tryLock(key()).orElseThrow()) {
			Files.createLink(this.directory.resolve("alias.lock"), this.directory.resolve(key() + ".lock"));
			assertThat(manager().tryLock("alias")).isEmpty();
			assertThat(guard.isHeld()).isTrue();
		}
		assertThat(manager().tryLock("alias")).hasValueSatisfying(LockGuard::close);
	}

	@Test
	void aDirectoryThatWasMovedCanBeUsedAtItsNewPlace() throws IOException {
		LockGuard before = manager().tryLock(key()).orElseThrow();
		before.clearDirty();
		before.close();
		Path moved = Files.move(this.directory, this.directory.resolveSibling(this.directory.getFileName() + "-moved"));
		try (PerKeyFileLockManager manager = PerKeyFileLockManager.open(moved, new LockListener() {
		}); LockGuard guard = manager.tryLock(key()).orElseThrow()) {
			assertThat(guard.fencingToken()).isGreaterThan(before.fencingToken());
			assertThat(guard.isDirty()).isFalse();
		}
	}

	@Test
	void aLockFileStaysWhenTheKeyIsReleased() {
		manager().tryLock(key()).orElseThrow().close();
		assertThat(this.directory.resolve(key() + ".lock")).exists();
	}

	@Test
	void theHolderIsNamedWhenAWaitWasTooShort() {
		LockManager other = AnotherClassLoader.openPerKey(this.directory);
		try (LockGuard guard = manager().tryLock(key()).orElseThrow()) {
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> other.lock(guard.key(), Duration.ZERO))
				.satisfies((ex) -> assertThat(ex.getHolder()).isEqualTo("pid " + ProcessHandle.current().pid()));
		}
		other.close();
	}

	@Test
	void sharedGuardsThatKeepComingDoNotKeepOtherProcessesOut() throws Exception {
		AtomicBoolean over = new AtomicBoolean();
		List<Background<Boolean>> sharing = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			sharing.add(Background.call(() -> {
				while (!over.get()) {
					try (LockGuard guard = manager().lock(shared(Eventually.LIMIT))) {
						assertThat(guard.isHeld()).isTrue();
						LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
					}
				}
				return true;
			}));
		}
		LockManager other = AnotherClassLoader.openPerKey(this.directory);
		other.lock(key(), Eventually.LIMIT).close();
		over.set(true);
		for (Background<Boolean> each : sharing) {
			assertThat(each.join()).isTrue();
		}
		other.close();
	}

	@Test
	void thoseWhoBeginToShareAKeyAtTheSameTimeHaveOneToken() throws Exception {
		FileThreads threads = FileThreads.of(FileIdentity.of(this.directory));
		CountDownLatch busy = new CountDownLatch(FileThreads.THREADS);
		CompletableFuture<Void> oneIsFree = new CompletableFuture<>();
		CompletableFuture<Void> allAreFree = new CompletableFuture<>();
		for (int i = 0; i < FileThreads.THREADS; i++) {
			CompletableFuture<Void> free = (i == 0) ? oneIsFree : allAreFree;
			var unused = threads.submit(() -> {
				busy.countDown();
				return free.join();
			});
		}
		busy.await();
		// neither has taken the key before both have asked for it
		CompletableFuture<LockGuard> first = manager().lockAsync(shared(Eventually.LIMIT));
		CompletableFuture<LockGuard> second = manager().lockAsync(shared(Eventually.LIMIT));
		oneIsFree.complete(null);
		try (LockGuard guard = first.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
				LockGuard other = second.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
			assertThat(other.fencingToken()).isEqualTo(guard.fencingToken());
		}
		finally {
			allAreFree.complete(null);
		}
	}

	@Test
	void aSharedKeyThatWasLostCanBeHadAgainAtOnce() throws Exception {
		for (int i = 0; i < 3; i++) {
			List<LockGuard> guards = SharedGuards.take(manager(), key(), 2);
			LockGuard first = guards.get(0);
			LockGuard second = guards.get(1);
			CompletableFuture<LockGuard> again = new CompletableFuture<>();
			first.onLost(() -> again.complete(manager().lockAsync(shared(Eventually.LIMIT)).join()));
			Files.delete(this.directory.resolve(key() + ".lock"));
			try (LockGuard guard = again.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
				assertThat(guard.isHeld()).isTrue();
			}
			assertThat(second.isHeld()).isFalse();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(first::close);
			assertThatExceptionOfType(LockLostException.class).isThrownBy(second::close);
		}
	}

	@Test
	void whoHasWaitedInAClosedLineDoesNotPassItLater() throws Exception {
		Path file = Files.createFile(this.directory.resolve(key() + ".lock"));
		try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE)) {
			// as if another process were next
			FileLock next = other.lock(KeyFile.TURNSTILE, 1, false);
			Background<LockGuard> waiting = Background.call(() -> manager().lock(key(), Eventually.LIMIT))
				.untilItWaits();
			next.release();
			waiting.join().close();
			Thread.sleep(KeyWait.PATIENCE.plusMillis(100).toMillis());
			FileLock again = other.lock(KeyFile.TURNSTILE, 1, false);
			assertThat(manager().tryLock(key())).as("out of turn").isEmpty();
			again.release();
		}
	}

	@Test
	void aRequestThatHasGivenUpIsForgottenWhileOthersWaitWithIt() throws Exception {
		LockManager other = AnotherClassLoader.openPerKey(this.directory);
		LockGuard held = other.tryLock(key()).orElseThrow();
		try (LockManager manager = PerKeyFileLockManager.open(this.directory, new LockListener() {
		})) {
			CompletableFuture<LockGuard> waiting = manager.lockAsync(shared(Eventually.LIMIT));
			WeakReference<LockRequest> givenUp = new WeakReference<>(waitInVain(manager));
			Eventually.until("the request is collected", () -> {
				System.gc();
				return givenUp.get() == null;
			});
			assertThat(waiting).isNotDone();
			held.close();
			waiting.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS).close();
		}
		other.close();
	}

	/** In a frame of its own, whose end leaves nothing that refers to the request. */
	private LockRequest waitInVain(LockManager manager) {
		LockRequest request = shared(Duration.ofMillis(10));
		assertThatExceptionOfType(LockTimeoutException.class).isThrownBy(() -> manager.lock(request));
		return request;
	}

	@Test
	void systemPropertiesCanBeListedWhileAKeyIsHeld() {
		try (LockGuard guard = manager().tryLock(key()).orElseThrow()) {
			assertThat(guard.isHeld()).isTrue();
			System.getProperties()
				.list(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
			assertThat(System.getProperties().values()).allMatch(String.class::isInstance);
		}
	}

	@Test
	void aDirectoryThatIsGoneIsReportedUntilItIsBack() throws IOException, InterruptedException {
		Path directory = Files.createTempDirectory("locks");
		try (LockManager manager = PerKeyFileLockManager.open(directory, new LockListener() {
		})) {
			LockInspection inspection = manager.inspection().orElseThrow();
			assertThat(inspection.report(0).status()).isEqualTo(LockReport.Status.OPEN);
			Files.delete(directory);
			Eventually.until("it is missed", () -> inspection.report(0).status() == LockReport.Status.LOST);
			assertThat(inspection.report(0).reason()).contains(directory.toString(), "does not exist");
			Files.createDirectory(directory);
			Eventually.until("it is back", () -> inspection.report(0).status() == LockReport.Status.OPEN);
		}
		finally {
			Files.deleteIfExists(directory);
		}
	}

}
