package org.crossprocesslock.file;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
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
	private void hangAll() throws InterruptedException {
		CountDownLatch hanging = new CountDownLatch(FileThreads.THREADS);
		for (int i = 0; i < FileThreads.THREADS; i++) {
			var unused = FileThreads.submit(() -> {
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
			Eventually.until("it waits for the key", HangingFileSystemTests::someoneWaits);
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
		// which is there and is not, so that whoever makes the file says so
		Files.createSymbolicLink(this.directory.resolve("k.lock"), this.directory.resolve("nowhere"));
		CountDownLatch looking = new CountDownLatch(1);
		LoggerContext logs = (LoggerContext) LoggerFactory.getILoggerFactory();
		TurboFilter hanging = new TurboFilter() {

			@Override
			public FilterReply decide(Marker marker, Logger logger, Level level, String format, Object[] parameters,
					Throwable failure) {
				if (logger.getName().equals(LockFile.class.getName())) {
					looking.countDown();
					hang();
				}
				return FilterReply.NEUTRAL;
			}

		};
		logs.addTurboFilter(hanging);
		try {
			CompletableFuture<LockGuard> asked = this.manager.lockAsync(LockRequest.of("k", Eventually.LIMIT));
			assertThat(looking.await(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
			Runnable givesUp = closesAll ? this.manager::close : () -> asked.cancel(true);
			assertThat(CompletableFuture.runAsync(givesUp)).succeedsWithin(Eventually.LIMIT);
		}
		finally {
			this.answers.countDown();
			logs.getTurboFilterList().remove(hanging);
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
