package org.crossprocesslock.lease;

import org.crossprocesslock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * How the attempts to get a key that somebody here waits for follow one another: at once,
 * with the next look, or after a pause.
 */
final class Attempts {

	private final Waiters waiters;

	private final KeyLane lane;

	private final Looks looks;

	Attempts(Waiters waiters, KeyLane lane, Looks looks) {
		this.waiters = waiters;
		this.lane = lane;
		this.looks = looks;
	}

	void want(KeyState key) {
		if (!key.asked) {
			this.lane.want(key);
			this.looks.cancel(key);
		}
	}

	void wantAfterLook(KeyState key, @Nullable String deadLeaseId) {
		key.deadLeaseId = deadLeaseId;
		key.afterLook = true;
		want(key);
	}

	/** The key is held by somebody alive; whoever had only this attempt goes without. */
	void conclude(KeyState key) {
		key.concluded = key.probes;
		this.waiters.refuseExpired(key);
	}

	void retry(KeyState key, LockStoreException failure, Instants now) {
		this.waiters.fail(key, failure);
		retryLater(key, now);
	}

	void retryLater(KeyState key, Instants now) {
		if (key.waiters.isEmpty() || key.grant != null) {
			return;
		}
		if (Waiters.hasExpired(key) && !this.lane.isWanted(key)) {
			// it still has its attempt to come, but no time for a pause
			this.looks.now(key, now);
		}
		else {
			this.looks.later(key, now);
		}
	}

}
