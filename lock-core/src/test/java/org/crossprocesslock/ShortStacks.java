package org.crossprocesslock;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/** Callers that come to the end of their stack while they ask for a key. */
public final class ShortStacks {

	/** What they ask for. */
	public static final String KEY = "deep";

	private ShortStacks() {
	}

	/**
	 * Uses up so many stacks, of which together one asks at each depth, beside a guard
	 * that stays held.
	 * @param manager who is asked
	 * @param stacks how many there are
	 * @param afterEach what must hold after each of them
	 */
	public static void useUp(LockManager manager, int stacks, Check afterEach) throws Exception {
		try (LockGuard bystander = manager.lock("bystander", Eventually.LIMIT)) {
			for (int stack = 0; stack < stacks; stack++) {
				int first = stack;
				CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
				Thread deep = new Thread(null, () -> end.complete(recurse(manager, stacks, first)), "deep", 256 * 1024);
				deep.setDaemon(true);
				deep.start();
				assertThat(end.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isNotNull();
				afterEach.check(stack);
			}
			assertThat(bystander.isHeld()).isTrue();
		}
	}

	@SuppressWarnings("InfiniteRecursion") // until the stack is used up
	private static @Nullable Throwable recurse(LockManager manager, int stacks, int depth) {
		try {
			if (depth % stacks == 0) {
				manager.tryLock(KEY).ifPresent(LockGuard::close);
			}
			return recurse(manager, stacks, depth + 1);
		}
		catch (Throwable ex) {
			return ex;
		}
	}

	/** What must hold. */
	public interface Check {

		/**
		 * Fails unless it holds.
		 * @param stack which stack was used up
		 */
		void check(int stack) throws Exception;

	}

}
