package org.crossprocesslock.file;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.ShortStacks;
import org.crossprocesslock.engine.TickedTimeSource;
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

	@Test
	void whateverIsDoneWithARequestOrAGuard() throws Exception {
		try (LockManager manager = PerKeyFileLockManager.open(this.directory, SILENT)) {
			LockGuard guard = manager.tryLock("key").orElseThrow();
			CompletableFuture<LockGuard> asked = manager.lockAsync(LockRequest.of("key", Eventually.LIMIT));
			ShortStacks.withAnyRoom(() -> asked.cancel(false));
			ShortStacks.withAnyRoom(guard::clearDirty);
			assertThat(guard.isHeld()).isTrue();
			ShortStacks.withAnyRoom(guard::close);
			manager.lock("key", Eventually.LIMIT).close();
		}
	}

	@Test
	void whetherADirectoryCanBeUsedIsFoundOutAgain() throws Exception {
		AtomicInteger checks = new AtomicInteger();
		TickedTimeSource time = new TickedTimeSource();
		KnownDirectory known = new KnownDirectory(this.directory, checks::incrementAndGet, time);
		Runnable ask = () -> {
			time.pass(Duration.ofSeconds(2));
			assertThat(known.gone()).isNull();
		};
		ShortStacks.withAnyRoom(ask);
		int before = checks.get();
		Eventually.until("it is checked again", () -> {
			ask.run();
			return checks.get() > before;
		});
	}

	private static void leavesNothingLocked(LockManager manager) throws Exception {
		ShortStacks.useUp(manager, STACKS,
				(stack) -> assertThat(manager.tryLock(ShortStacks.KEY)).as("the key after stack " + stack)
					.hasValueSatisfying(LockGuard::close));
	}

}
