package org.crossprocesslock.annotation;

import java.util.ArrayDeque;
import java.util.Deque;

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
		LockedCall last = this.calls.poll();
		if (last != null) {
			try (LockedCalls others = this) {
				last.close();
			}
		}
	}

}
