package org.crossprocesslock.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockManagerContract;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Several managers of one process that share one pid lock. */
@Tag("full")
class SharedPidFileLockManagerTests extends LockManagerContract {

	private static final LockListener SILENT = new LockListener() {
	};

	private final Path directory;

	SharedPidFileLockManagerTests(@TempDir Path base) throws IOException {
		this.directory = Files.createTempDirectory(base, "locks");
	}

	@Override
	protected LockManager newManager(LockListener listener) {
		return PidFileLockManager.openShared(this.directory, SystemLock.FCNTL, listener);
	}

	@Test
	void theDirectoryIsHeldUntilTheLastOfThemIsClosed() {
		LockManager second = newManager(SILENT);
		manager().close();
		manager().close();
		assertThatExceptionOfType(PidLockException.AlreadyHeld.class).isThrownBy(this::openAlone);
		assertThat(second.tryLock(key())).hasValueSatisfying(LockGuard::close);
		second.close();
		openAlone().close();
	}

	@Test
	void theyShareThroughALink() throws Exception {
		Path link = Files.createSymbolicLink(this.directory.resolve("link"), this.directory);
		LockRequest request = LockRequest.of(key(), Duration.ZERO).withMode(LockMode.SHARED_IN_PROCESS);
		try (LockManager second = PidFileLockManager.openShared(link, SystemLock.FCNTL, SILENT);
				LockGuard guard = acquireKey()) {
			assertThat(second.tryLock(guard.key())).isEmpty();
		}
		try (LockManager second = PidFileLockManager.openShared(link, SystemLock.FCNTL, SILENT);
				LockGuard first = manager().lock(request);
				LockGuard other = second.lock(request)) {
			assertThat(other.fencingToken()).isEqualTo(first.fencingToken());
		}
	}

	@Test
	void anotherKindCannotBeShared() throws IOException {
		assertThatExceptionOfType(PidLockException.SetupFailed.class)
			.isThrownBy(() -> PidFileLockManager.openShared(this.directory, SystemLock.FLOCK, SILENT))
			.withMessageContaining("FCNTL")
			.withMessageContaining(this.directory.toRealPath().toString());
	}

	private LockGuard acquireKey() {
		return manager().tryLock(key()).orElseThrow();
	}

	private PidFileLockManager openAlone() {
		return PidFileLockManager.open(this.directory, SystemLock.FCNTL, SILENT);
	}

}
