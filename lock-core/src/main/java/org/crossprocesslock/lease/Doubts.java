package org.crossprocesslock.lease;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Keys about which a statement has ended without an answer and may still run: rule 10.
 * Their doubt ends with a look that finds nothing amiss and was sent when no such
 * statement could run any more.
 */
final class Doubts {

	private final long longestRunNanos;

	private final Set<KeyState> keys = new LinkedHashSet<>();

	Doubts(long answerLimitNanos) {
		// this host's clock may run faster than the one that stops the statement
		this.longestRunNanos = answerLimitNanos + answerLimitNanos / LeaseTerm.DRIFT_MARGIN_DIVISOR;
	}

	void begin(KeyState key, Instants now) {
		key.inDoubt = true;
		key.doubtUntilNanos = lastRun(now);
		this.keys.add(key);
	}

	/**
	 * From then on no statement that has ended without an answer by now can still run.
	 */
	long lastRun(Instants now) {
		return now.nanos() + this.longestRunNanos;
	}

	void end(KeyState key) {
		key.inDoubt = false;
		this.keys.remove(key);
	}

	/** Has all of them looked at. */
	void look(Looks looks, Instants now) {
		this.keys.forEach((key) -> looks.now(key, now));
	}

}
