package org.crossprocesslock.file;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** Callers at the end of their stack leave no key locked. */
class FileStackTests {

	private static final int STACKS = 40;

	private static final LockListener SILENT = new LockListener() {
	};

	private final Path directory;

	FileStackTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	void withOneLockForEachKey() throws Exception {
		try (LockManager manager = PerKeyFileLockManager.open(this.directory, SILENT)) {
			leavesNothingLocked(manager);
		}
	}

	@Test
	void withOneLockForAllKeys() throws Exception {
		try (LockManager manager = PidFileLockManager.platformDefault(this.directory, SILENT)) {
			leavesNothingLocked(manager);
		}
	}

	private static void leavesNothingLocked(LockManager manager) throws Exception {
		try (LockGuard bystander = manager.lock("bystander", Eventually.LIMIT)) {
			for (int round = 0; round < STACKS; round++) {
				int first = round;
				CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
				Thread deep = new Thread(null, () -> end.complete(recurse(manager, first)), "deep", 256 * 1024);
				deep.setDaemon(true);
				deep.start();
				assertThat(end.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isNotNull();
				assertThat(manager.tryLock("deep")).as("the key after stack " + round)
					.hasValueSatisfying(LockGuard::close);
			}
			assertThat(bystander.isHeld()).isTrue();
		}
	}

	/** Of all stacks together, one asks at each depth. */
	@SuppressWarnings("InfiniteRecursion") // until the stack is used up
	private static @Nullable Throwable recurse(LockManager manager, int depth) {
		try {
			if (depth % STACKS == 0) {
				manager.tryLock("deep").ifPresent(LockGuard::close);
			}
			return recurse(manager, depth + 1);
		}
		catch (Throwable ex) {
			return ex;
		}
	}

}
