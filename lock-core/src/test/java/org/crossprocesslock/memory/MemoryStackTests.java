package org.crossprocesslock.memory;

import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.ShortStacks;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Callers at the end of their stack leave no key locked. */
class MemoryStackTests {

	private static final int STACKS = 40;

	private final LockManager manager = new MemoryLockManager();

	@Test
	void whereverTheStackEnds() throws Exception {
		ShortStacks.useUp(this.manager, STACKS,
				(stack) -> assertThat(this.manager.tryLock(ShortStacks.KEY)).as("the key after stack " + stack)
					.hasValueSatisfying(LockGuard::close));
	}

	@Test
	void whateverIsDoneWithARequestOrAGuard() throws Exception {
		LockGuard guard = this.manager.tryLock("key").orElseThrow();
		CompletableFuture<LockGuard> asked = this.manager.lockAsync(LockRequest.of("key", Eventually.LIMIT));
		ShortStacks.withAnyRoom(() -> asked.cancel(false));
		ShortStacks.withAnyRoom(guard::clearDirty);
		assertThat(guard.isHeld()).isTrue();
		ShortStacks.withAnyRoom(guard::close);
		this.manager.lock("key", Eventually.LIMIT).close();
	}

}
