package org.crossprocesslock.lease;

import java.util.LinkedHashSet;
import java.util.Set;

import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.jspecify.annotations.Nullable;

/** All that this process knows of one key. Plain data of {@link Keys}. */
final class KeyState {

	final String key;

	/** Who waits, in the order of arrival. */
	final Set<Waiter> waiters = new LinkedHashSet<>();

	@Nullable Grant grant;

	/** An acquire of this key is under way. */
	boolean asked;

	/** The acquire under way or wanted follows a look that found the key free. */
	boolean afterLook;

	/** The lease id that the next acquire may take the row from. */
	@Nullable String deadLeaseId;

	/** Statements sent to find out whether the key is free. */
	long probes;

	/** The last of them that found it held by somebody alive. */
	long concluded;

	/** What the last look found. */
	@Nullable KeyLook seen;

	long seenNanos;

	/** Looks since the key last moved; the pause doubles with each. */
	int backoffStep;

	long lastPauseNanos;

	/** Releases of this key that are on their way. */
	int releasing;

	/** The highest token whose release was sent under the present lease. */
	long highestReleased;

	boolean inDoubt;

	/** From then on no statement sent before can still run. */
	long doubtUntilNanos;

	/** This process may have held the key before. */
	boolean heldBefore;

	/** An acquire has ended without its answer having become a guard since. */
	boolean unknownGrant;

	volatile boolean dirty;

	KeyState(String key, boolean forgotten) {
		this.key = key;
		this.heldBefore = forgotten;
		this.unknownGrant = forgotten;
	}

	boolean isIdle() {
		return this.waiters.isEmpty() && this.grant == null && !this.asked && this.releasing == 0 && !this.inDoubt;
	}

	/**
	 * Rule 14: dirty unless it was never held here or provably by nobody else since.
	 * @param previouslyOwn whether the grant before was one of this process
	 */
	void becomesHeld(boolean previouslyOwn) {
		if (this.heldBefore && (!previouslyOwn || this.unknownGrant)) {
			this.dirty = true;
		}
		this.heldBefore = true;
		this.unknownGrant = false;
		this.backoffStep = 0;
	}

	/** Tokens at or below this belong to grants that this process has given up. */
	boolean wasReleased(long token) {
		return token <= this.highestReleased;
	}

	boolean isBackedByAGuard(long token) {
		return this.grant != null && this.grant.token == token;
	}

	@Nullable String seenHolder() {
		return (this.seen != null && this.seen.lease() != null) ? this.seen.lease().holder() : null;
	}

}
