package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.engine.TimeSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

/** A file system that does not answer keeps nobody waiting who need not wait for it. */
class HangingFileSystemTests {

	private final Path directory;

	private final LockManager manager;

	private final CountDownLatch answers = new CountDownLatch(1);

	HangingFileSystemTests(@TempDir Path directory) {
		this.directory = directory;
		this.manager = PerKeyFileLockManager.open(directory, new LockListener() {
		});
	}

	@AfterEach
	void answerAndClose() {
		this.answers.countDown();
		this.manager.close();
	}

	private boolean hang() {
		return TimeSource.SYSTEM.await(this.answers, Eventually.LIMIT.multipliedBy(2));
	}

	/** All threads wait for an answer. */
	private void hangAll() throws Exception {
		FileThreads threads = FileThreads.of(FileIdentity.of(this.directory));
		CountDownLatch hanging = new CountDownLatch(FileThreads.THREADS);
		for (int i = 0; i < FileThreads.THREADS; i++) {
			var unused = threads.submit(() -> {
				hanging.countDown();
				return hang();
			});
		}
		assertThat(hanging.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	private void locksAndUnlocks() throws Exception {
		this.manager.lockAsync(LockRequest.of("k", Eventually.LIMIT))
			.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)
			.close();
	}

	@Test
	void aRequestThatIsNotAnsweredFails() throws Exception {
		hangAll();
		CompletableFuture<LockGuard> asked = this.manager.lockAsync(LockRequest.of("k", Duration.ofMillis(10)));
		assertThat(asked).failsWithin(Eventually.LIMIT)
			.withThrowableThat()
			.havingCause()
			.isInstanceOfSatisfying(LockStoreException.class, (ex) -> assertThat(ex.isPermanent()).isFalse());
		this.answers.countDown();
		locksAndUnlocks();
	}

	@Test
	void aFileSystemThatDoesNotAnswerKeepsNoOtherWaiting() throws Exception {
		Path otherFileSystem = Path.of("/dev/shm");
		assumeThat(otherFileSystem).as("another file system").isWritable();
		assumeThat(FileIdentity.of(otherFileSystem).device()).isNotEqualTo(FileIdentity.of(this.directory).device());
		hangAll();
		Path other = Files.createTempDirectory(otherFileSystem, "locks");
		try (LockManager healthy = PerKeyFileLockManager.open(other, new LockListener() {
		})) {
			assertThat(healthy.lockAsync(LockRequest.of("k", Duration.ofMillis(10)))).succeedsWithin(Eventually.LIMIT)
				.satisfies(LockGuard::close);
		}
		finally {
			try (Stream<Path> files = Files.list(other)) {
				for (Path file : files.toList()) {
					Files.delete(file);
				}
			}
			Files.delete(other);
		}
	}

	@Test
	void whoeverComesBehindARequestThatIsNotAnsweredFailsToo() throws Exception {
		hangAll();
		assertThat(this.manager.lockAsync(LockRequest.of("k", Duration.ofMillis(10)))).failsWithin(Eventually.LIMIT);
		assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> this.manager.tryLock("k"))
			.withMessageContaining("has not answered")
			.matches((ex) -> !ex.isPermanent());
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> this.manager.lock("k", Duration.ofMillis(10)));
		this.answers.countDown();
		locksAndUnlocks();
		try (LockGuard held = this.manager.tryLock("k").orElseThrow()) {
			assertThat(this.manager.tryLock(held.key())).as("it is busy again").isEmpty();
		}
	}

	@Test
	void whoHasWaitedForLongEnoughIsToldSoAlsoIfHisWaitCannotBeEnded() throws Exception {
		try (LockManager other = AnotherClassLoader.openPerKey(this.directory);
				LockGuard held = other.tryLock("k").orElseThrow()) {
			CompletableFuture<LockGuard> asked = this.manager.lockAsync(LockRequest.of("k", Duration.ofSeconds(2)));
			Eventually.until("it waits for the key, or has waited", () -> someoneWaits() || asked.isDone());
			hangAll();
			assertThat(asked).failsWithin(Eventually.LIMIT)
				.withThrowableThat()
				.havingCause()
				.isInstanceOf(LockTimeoutException.class);
			this.answers.countDown();
		}
		locksAndUnlocks();
	}

	/** On a local file system whoever gives up closes files himself, if he can. */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whoGivesUpDoesNotWaitForALookThatIsNotAnswered(boolean closesAll) throws Exception {
		try (HangingLooks looks = new HangingLooks("k")) {
			CompletableFuture<LockGuard> asked = this.manager.lockAsync(LockRequest.of("k", Eventually.LIMIT));
			looks.awaitBegun();
			Runnable givesUp = closesAll ? this.manager::close : () -> asked.cancel(true);
			assertThat(CompletableFuture.runAsync(givesUp)).succeedsWithin(Eventually.LIMIT);
		}
	}

	/** Whether it still waits, has given up, shares the look or looks itself. */
	@Test
	void whoeverComesBehindALookThatIsNotAnsweredIsNotToldBusy() throws Exception {
		String[] keys = { "waits", "canceled", "shared", "blocks" };
		try (HangingLooks looks = new HangingLooks(keys)) {
			List<CompletableFuture<LockGuard>> asked = new ArrayList<>();
			long began = System.nanoTime();
			asked.add(this.manager.lockAsync(LockRequest.of("waits", Eventually.LIMIT)));
			CompletableFuture<LockGuard> canceled = this.manager
				.lockAsync(LockRequest.of("canceled", Eventually.LIMIT));
			asked.add(this.manager
				.lockAsync(LockRequest.of("shared", Eventually.LIMIT).withMode(LockMode.SHARED_IN_PROCESS)));
			asked.add(CompletableFuture.supplyAsync(() -> lock("blocks")));
			looks.awaitBegun();
			assertThat(canceled.cancel(true)).isTrue();
			for (String key : keys) {
				assertIsBusyUnlessOverdue(key, began);
			}
			assertThat(this.manager
				.lockAsync(LockRequest.of("shared", Duration.ZERO).withMode(LockMode.SHARED_IN_PROCESS)))
				.as("it ends when it and all before it are overdue")
				.failsWithin(Eventually.LIMIT);
			for (String key : keys) {
				assertThatExceptionOfType(LockStoreException.class).as(key)
					.isThrownBy(() -> this.manager.tryLock(key))
					.withMessageContaining("has not answered");
			}
			looks.answer();
			for (CompletableFuture<LockGuard> each : asked) {
				each.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS).close();
			}
		}
	}

	private void assertIsBusyUnlessOverdue(String key, long began) {
		try {
			assertThat(this.manager.tryLock(key)).as("%s, before it is overdue", key).isEmpty();
		}
		catch (LockStoreException ex) {
			assertThat(Duration.ofNanos(System.nanoTime() - began)).as("time until %s failed with %s", key, ex)
				.isGreaterThanOrEqualTo(SharedKeys.ANSWER_LIMIT);
		}
	}

	private LockGuard lock(String key) {
		try {
			return this.manager.lock(key, Eventually.LIMIT);
		}
		catch (InterruptedException ex) {
			throw new AssertionError(ex);
		}
	}

	/** Whoever makes the files of some keys is not answered in the middle of it. */
	private final class HangingLooks extends TurboFilter implements AutoCloseable {

		private final LoggerContext logs = (LoggerContext) LoggerFactory.getILoggerFactory();

		private final List<Path> files;

		private final CountDownLatch begun;

		HangingLooks(String... keys) throws IOException {
			this.files = Stream.of(keys)
				.map((key) -> HangingFileSystemTests.this.directory.resolve(key + ".lock"))
				.toList();
			this.begun = new CountDownLatch(keys.length);
			for (Path file : this.files) {
				// which is there and is not, so that whoever makes the file says so
				Files.createSymbolicLink(file, file.resolveSibling("nowhere"));
			}
			this.logs.addTurboFilter(this);
		}

		@Override
		public FilterReply decide(Marker marker, Logger logger, Level level, String format, Object[] parameters,
				Throwable failure) {
			if (logger.getName().equals(LockFile.class.getName())) {
				this.begun.countDown();
				hang();
			}
			return FilterReply.NEUTRAL;
		}

		void awaitBegun() throws InterruptedException {
			assertThat(this.begun.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
		}

		void answer() throws IOException {
			for (Path file : this.files) {
				Files.delete(file);
			}
			close();
		}

		@Override
		public void close() {
			HangingFileSystemTests.this.answers.countDown();
			this.logs.getTurboFilterList().remove(this);
		}

	}

	private static boolean someoneWaits() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.anyMatch((thread) -> thread.getName().equals("cross-process-lock-file-wait"));
	}

	@Test
	void aDirectoryThatHangsIsCheckedOnceAtATimeAndHoldsUpNoOther() throws Exception {
		AtomicLong nanos = new AtomicLong();
		AtomicInteger checks = new AtomicInteger();
		KnownDirectory hanging = new KnownDirectory(this.directory, () -> {
			checks.incrementAndGet();
			return hang();
		}, new TimeSource() {

			@Override
			public long nanos() {
				return nanos.addAndGet(Duration.ofSeconds(2).toNanos());
			}

			@Override
			public long wallMillis() {
				return 0;
			}

		});
		for (int i = 0; i < 20; i++) {
			assertThat(hanging.gone()).isNull();
		}
		Eventually.until("it is checked", () -> checks.get() > 0);
		locksAndUnlocks();
		assertThat(checks).hasValue(1);
		this.answers.countDown();
		Eventually.until("it is checked again", () -> hanging.gone() == null && checks.get() > 1);
	}

}
