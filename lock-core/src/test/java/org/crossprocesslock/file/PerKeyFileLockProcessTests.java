package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.Background;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Locks on single keys between real processes. */
class PerKeyFileLockProcessTests {

	private final Path directory;

	private final LockManager manager;

	PerKeyFileLockProcessTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
		this.manager = PerKeyFileLockManager.open(this.directory, new LockListener() {
		});
	}

	@AfterEach
	void closeManager() {
		this.manager.close();
	}

	@Test
	void aKeyOfAnotherProcessIsBusyAndOthersAreFree() throws Exception {
		try (LockFileProcess holder = start("key", Duration.ZERO)) {
			holder.until("HELD");
			assertThat(this.manager.tryLock("key")).isEmpty();
			assertThat(this.manager.tryLock("other")).hasValueSatisfying(LockGuard::close);
			assertThatExceptionOfType(LockTimeoutException.class)
				.isThrownBy(() -> this.manager.lock("key", Duration.ofMillis(50)))
				.satisfies((ex) -> assertThat(ex.getHolder()).isEqualTo("pid " + holder.pid()));
		}
	}

	@Test
	void anotherProcessFindsOurKeyBusyAndGetsAnother() throws Exception {
		try (LockGuard guard = this.manager.tryLock("key").orElseThrow();
				LockFileProcess refused = start(guard.key(), Duration.ZERO);
				LockFileProcess granted = start("other", Duration.ZERO)) {
			refused.until("BUSY");
			assertThat(refused.exitCode()).isEqualTo(LockFileProcess.BUSY);
			granted.until("HELD");
			assertThat(guard.isHeld()).isTrue();
		}
	}

	@Test
	void whoTruncatesTheFilesEndsNoLockAndNoTokenComesTwice() throws Exception {
		try (LockGuard guard = this.manager.tryLock("key").orElseThrow()) {
			// another process: this one would end its own lock
			LockFileProcess truncate = LockFileProcess.startProgram("truncate", "-s", "0",
					this.directory.resolve("key.lock").toString(), this.directory.resolve("key.token").toString());
			assertThat(truncate.exitCode()).isZero();
			assertThat(this.directory.resolve("key.token")).isEmptyFile();
			Thread.sleep(LockFileWatch.PERIOD.multipliedBy(3).toMillis());
			assertThat(guard.isHeld()).isTrue();
			try (LockFileProcess refused = start("key", Duration.ZERO)) {
				refused.until("BUSY");
			}
			guard.close();
			try (LockFileProcess next = start("key", Eventually.LIMIT)) {
				assertThat(Long.parseLong(next.until("TOKEN").split(" ", -1)[1])).isGreaterThan(guard.fencingToken());
				assertThatExceptionOfType(LockTimeoutException.class)
					.isThrownBy(() -> this.manager.lock("key", Duration.ofMillis(50)))
					.satisfies((ex) -> assertThat(ex.getHolder()).isEqualTo("pid " + next.pid()));
			}
		}
	}

	@Test
	void aFileThatWasReplacedSinceItsLastUseIsNotTheOneThatIsLocked() throws Exception {
		this.manager.tryLock("key").orElseThrow().close();
		Path replacement = Files.createFile(this.directory.resolve("replacement"));
		Files.move(replacement, this.directory.resolve("key.lock"), StandardCopyOption.REPLACE_EXISTING);
		try (LockGuard guard = this.manager.tryLock("key").orElseThrow();
				LockFileProcess refused = start(guard.key(), Duration.ZERO)) {
			refused.until("BUSY");
		}
	}

	@Test
	void aWaiterInAnotherProcessGetsTheKeyAfterTheRelease() throws Exception {
		LockGuard guard = this.manager.tryLock("key").orElseThrow();
		try (LockFileProcess waiter = start("key", Eventually.LIMIT)) {
			waiter.until("WAITING");
			guard.close();
			long token = Long.parseLong(waiter.until("TOKEN").substring("TOKEN ".length()));
			assertThat(token).isGreaterThan(guard.fencingToken());
			waiter.until("HELD");
			assertThat(this.manager.tryLock("key")).isEmpty();
			waiter.end();
		}
		try (LockGuard again = this.manager.lock("key", Eventually.LIMIT)) {
			assertThat(again.isDirty()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "KILL", "TERM", "INT" })
	void aWaiterGetsTheKeyWhenASignalEndsItsHolder(String signal) throws Exception {
		try (LockFileProcess holder = start("key", Duration.ZERO)) {
			String token = holder.until("TOKEN");
			holder.until("HELD");
			Background<LockGuard> waiter = Background.call(() -> this.manager.lock("key", Eventually.LIMIT))
				.untilItWaits();
			assertThat(waiter.isDone()).isFalse();
			holder.kill(signal);
			try (LockGuard guard = waiter.join()) {
				assertThat(guard.fencingToken()).isGreaterThan(Long.parseLong(token.substring("TOKEN ".length())));
			}
		}
	}

	@Test
	void exactlyOneOfTenProcessesGetsTheKey() throws Exception {
		List<LockFileProcess> racers = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			racers.add(start("key", Duration.ZERO));
		}
		try {
			int winners = 0;
			for (LockFileProcess racer : racers) {
				racer.until("WAITING");
				if (racer.until("").startsWith("TOKEN")) {
					winners++;
				}
				else {
					assertThat(racer.exitCode()).isEqualTo(LockFileProcess.BUSY);
				}
			}
			assertThat(winners).isEqualTo(1);
		}
		finally {
			racers.forEach(LockFileProcess::close);
		}
	}

	private LockFileProcess start(String key, Duration waitTime) {
		return LockFileProcess.start("per-key", this.directory, key, waitTime.toString());
	}

}
