package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.BrokenLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.StarvedCopy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

class LockFileWatchTests {

	private static final Path OTHER_FILE_SYSTEM = Path.of("/dev/shm");

	private final CountDownLatch checking = new CountDownLatch(1);

	private final CountDownLatch answer = new CountDownLatch(1);

	private final CountDownLatch told = new CountDownLatch(1);

	@Test
	void aFileSystemThatDoesNotAnswerKeepsNoLossOnAnotherFromBeingTold(@TempDir Path directory) throws Exception {
		assumeThat(OTHER_FILE_SYSTEM).as("another file system").isWritable();
		assumeThat(FileIdentity.of(OTHER_FILE_SYSTEM).device()).isNotEqualTo(FileIdentity.of(directory).device());
		LockFile hanging = locked(Files.createFile(directory.resolve("hanging")));
		Path path = Files.createTempFile(OTHER_FILE_SYSTEM, "watched", ".lock");
		LockFile other = locked(path);
		try {
			LockFileWatch.add(hanging, new Hanging());
			assertThat(this.checking.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			LockFileWatch.add(other, (reason) -> this.told.countDown());
			Files.delete(path);
			assertThat(this.told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}
		finally {
			this.answer.countDown();
			LockFileWatch.remove(hanging);
			hanging.close();
			other.close();
			Files.deleteIfExists(path);
		}
	}

	@Test
	void aLossIsToldAlsoIfTheLogIsBroken(@TempDir Path directory) throws Exception {
		try (PerKeyFileLockManager manager = PerKeyFileLockManager.open(directory, new LockListener() {
		}); BrokenLog log = new BrokenLog(LockFileWatch.class)) {
			LockGuard guard = manager.tryLock("k").orElseThrow();
			Files.delete(directory.resolve("k.lock"));
			Eventually.until("the loss is told", () -> !guard.isHeld());
			guard.onLost(this.told::countDown);
			assertThat(this.told.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			Eventually.until("it was to be said", () -> log.asked().contains("ERROR"));
		}
	}

	@Test
	void aKeyIsNotHeldThatNobodyLooksAfter(@TempDir Path directory) throws Exception {
		AtomicInteger pauses = new AtomicInteger();
		LockListener listener = new LockListener() {

			@Override
			public void onBackoff(Duration pause) {
				pauses.incrementAndGet();
			}

		};
		try (StarvedCopy copy = new StarvedCopy(); LockManager manager = copy.perKey(directory, listener)) {
			copy.starve("cross-process-lock-file-watch");
			CompletableFuture<LockGuard> asked = manager.lockAsync(LockRequest.of("k", Eventually.LIMIT));
			Eventually.until("it is tried again and again", () -> pauses.get() > 2 || asked.isDone());
			copy.feed();
			LockGuard guard = asked.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS);
			Files.delete(directory.resolve("k.lock"));
			Eventually.until("the loss is told", () -> !guard.isHeld());
		}
	}

	private static LockFile locked(Path path) throws IOException {
		return ((Look.Taken<LockFile>) LockFile.tryLock(path, ChannelLock::tryLock)).lock();
	}

	/** As where the file system does not answer. */
	private final class Hanging implements LockFileWatch.Watched {

		@Override
		public void lost(String reason) {
			throw new AssertionError(reason);
		}

		@Override
		public void checked() {
			LockFileWatchTests.this.checking.countDown();
			try {
				// for longer than anybody here waits
				boolean unused = LockFileWatchTests.this.answer.await(2 * Eventually.LIMIT.toSeconds(),
						TimeUnit.SECONDS);
			}
			catch (InterruptedException ex) {
				throw new AssertionError(ex);
			}
		}

	}

}
