package org.crossprocesslock;

import java.util.ArrayList;
import java.util.List;

import org.jetbrains.lincheck.Lincheck;
import org.jspecify.annotations.Nullable;

/**
 * Runs a small concurrent program under many schedules, one after the other, with a
 * switch between threads at any access to shared memory. A failure comes with the
 * schedule that leads to it. What is executed must be deterministic apart from the
 * schedule: no pool of threads that outlives it and no clock that matters.
 */
public final class Interleavings {

	// enough for each known mistake to be found with a wide margin, see the tests
	private static final int SCHEDULES = 100;

	private Interleavings() {
	}

	/**
	 * Runs the program under many schedules.
	 * @param program starts from nothing, ends all it starts and throws if it sees what
	 * must not be
	 */
	public static void explore(Runnable program) {
		Lincheck.runConcurrentTest(SCHEDULES, program);
	}

	/**
	 * Runs the actions at once, the first on this thread, and ends when all have.
	 * @param actions what to do; what one throws is thrown here
	 */
	public static void together(Runnable... actions) {
		@Nullable Throwable[] failures = new Throwable[actions.length];
		List<Thread> threads = new ArrayList<>();
		for (int i = 1; i < actions.length; i++) {
			int number = i;
			Thread thread = new Thread(() -> failures[number] = failureOf(actions[number]));
			threads.add(thread);
			thread.start();
		}
		failures[0] = failureOf(actions[0]);
		for (Thread thread : threads) {
			try {
				thread.join();
			}
			catch (InterruptedException ex) {
				throw new AssertionError("Interrupted", ex);
			}
		}
		for (Throwable failure : failures) {
			if (failure != null) {
				throw new AssertionError(failure.toString(), failure);
			}
		}
	}

	/**
	 * A plain check: every call of an assertion library would be taken apart into
	 * switches that say nothing.
	 * @param condition what must be
	 * @param otherwise what is the matter if it is not
	 */
	public static void require(boolean condition, String otherwise) {
		if (!condition) {
			throw new AssertionError(otherwise);
		}
	}

	private static @Nullable Throwable failureOf(Runnable action) {
		try {
			action.run();
			return null;
		}
		catch (RuntimeException | Error ex) {
			return ex;
		}
	}

}
