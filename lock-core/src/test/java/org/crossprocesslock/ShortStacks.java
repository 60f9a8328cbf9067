package org.crossprocesslock;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/** Callers that come to the end of their stack while they ask for a key. */
public final class ShortStacks {

	/** What they ask for. */
	public static final String KEY = "deep";

	/** In frames of a small method, of which the library needs fewer. */
	private static final int ROOMS = 1200;

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

	/**
	 * Does something with whatever room there is on a stack: from none at all to more
	 * than anything here needs.
	 * @param action what to do, which may fail
	 */
	public static void withAnyRoom(Runnable action) throws Exception {
		CompletableFuture<Integer> frames = new CompletableFuture<>();
		Thread deep = new Thread(null, () -> frames.complete(fromTheEnd(action)), "deep", 256 * 1024);
		deep.setDaemon(true);
		deep.start();
		assertThat(frames.get(Eventually.LIMIT.toSeconds(), TimeUnit.SECONDS)).isGreaterThan(ROOMS);
	}

	@SuppressWarnings("InfiniteRecursion") // until the stack is used up
	private static int fromTheEnd(Runnable action) {
		int room;
		try {
			room = fromTheEnd(action);
		}
		catch (StackOverflowError ex) {
			room = 0;
		}
		if (room < ROOMS) {
			try {
				action.run();
			}
			catch (Throwable ex) {
				// there was too little
				return room + 1;
			}
		}
		return room + 1;
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
