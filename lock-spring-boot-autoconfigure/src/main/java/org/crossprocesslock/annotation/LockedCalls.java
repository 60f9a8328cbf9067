package org.crossprocesslock.annotation;

import java.util.ArrayDeque;
import java.util.Deque;

import org.jspecify.annotations.Nullable;

/**
 * One call of an annotated method that runs under several locks. Used by the thread that
 * made it.
 */
final class LockedCalls implements AutoCloseable {

	// the last begun first
	private final Deque<LockedCall> calls = new ArrayDeque<>();

	void add(LockedCall call) {
		this.calls.push(call);
	}

	/**
	 * Ends the call under all locks, whatever happens with one of them.
	 * @throws org.crossprocesslock.LockLostException if one of them was lost meanwhile,
	 * with those of the others suppressed
	 */
	@Override
	public void close() {
		RuntimeException failure = null;
		while (!this.calls.isEmpty()) {
			failure = ended(this.calls.pop(), failure);
		}
		if (failure != null) {
			throw failure;
		}
	}

	private static @Nullable RuntimeException ended(LockedCall call, @Nullable RuntimeException before) {
		try {
			call.close();
			return before;
		}
		catch (RuntimeException ex) {
			if (before != null) {
				ex.addSuppressed(before);
			}
			return ex;
		}
	}

}
