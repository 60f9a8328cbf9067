package org.crossprocesslock.file;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.CapturedLog;
import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.memory.KeyedLock;
import org.crossprocesslock.memory.Turn;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class FileClaimTests {

	@Test
	void whoClosesDoesNotWaitForAFileSystemThatNeverAnswers() {
		SharedKeys<Hanging> keys = new SharedKeys<>(Hanging::new, new DirtyKeys(), new FileThreads(Runnable::run),
				TimeSource.SYSTEM);
		Turn<Hanging> turn = keys.turns().enter("k", LockMode.EXCLUSIVE, Duration.ZERO, new Silent());
		FileClaim<Hanging> claim = new FileClaim<>(turn, keys, (released) -> {
		});
		try (CapturedLog log = new CapturedLog()) {
			assertThat(claim.release()).succeedsWithin(Eventually.LIMIT);
			assertThat(log.warnings()).singleElement().asString().contains("'k' could not be released within PT3S");
		}
		assertThat(keys.turns().keyCount()).as("the key is kept").isOne();
		turn.tenure().end.complete(false);
		assertThat(keys.turns().keyCount()).isZero();
	}

	private static final class Silent implements KeyedLock.Waiter<Hanging> {

		@Override
		public void entered(Turn<Hanging> turn) {
			// as asked for
		}

		@Override
		public void refused() {
			throw new AssertionError("nobody else is there");
		}

	}

	/** Held on a file system that does not answer. */
	private static final class Hanging implements Tenure {

		private final CompletableFuture<Boolean> end = new CompletableFuture<>();

		@Override
		public CompletableFuture<Boolean> take(String key, boolean mayStay) {
			return CompletableFuture.completedFuture(true);
		}

		@Override
		public CompletableFuture<Void> await(String key, CallerThread caller) {
			return CompletableFuture.completedFuture(null);
		}

		@Override
		public long token() {
			return 1;
		}

		@Override
		public boolean isHeld() {
			return true;
		}

		@Override
		public @Nullable String lostReason() {
			return null;
		}

		@Override
		public boolean mayBeJoined() {
			return false;
		}

		@Override
		public boolean continues() {
			return false;
		}

		@Override
		public @Nullable String lastSeenHolder() {
			return null;
		}

		@Override
		public CompletableFuture<Boolean> end() {
			return this.end;
		}

	}

}
