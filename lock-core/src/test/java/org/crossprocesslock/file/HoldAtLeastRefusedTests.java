package org.crossprocesslock.file;

import java.nio.file.Path;
import java.time.Duration;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/** A lock file is free when its process ends, so it cannot keep a key. */
class HoldAtLeastRefusedTests {

	private final Path directory;

	HoldAtLeastRefusedTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	void withOneLockForEachKey() {
		try (PerKeyFileLockManager manager = PerKeyFileLockManager.open(this.directory, new LockListener() {
		})) {
			refuses(manager);
		}
	}

	@Test
	void withOneLockForAllKeys() {
		try (PidFileLockManager manager = PidFileLockManager.platformDefault(this.directory, new LockListener() {
		})) {
			refuses(manager);
		}
	}

	private static void refuses(LockManager manager) {
		LockRequest request = LockRequest.of("key", Duration.ZERO).holdingAtLeast(Duration.ofMinutes(1));
		assertThatIllegalStateException().isThrownBy(() -> manager.lock(request))
			.withMessageContainingAll("'key'", "PT1M", "in a database");
		assertThat(manager.tryLock("key")).isPresent();
	}

}
