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

	/** One of them has found the row locked by somebody else, and is tried again. */
	boolean rowLocked;

	/** The highest token whose release was sent under the present lease. */
	long highestReleased;

	boolean inDoubt;

	/** From then on no statement sent before can still run. */
	long doubtUntilNanos;

	/** Leases of other processes that wait for the key, in the order of their turns. */
	final Set<String> wants = new LinkedHashSet<>();

	/** The grant whose process was told last that this one waits. */
	@Nullable String toldLeaseId;

	long toldToken;

	/** The lease that the key was given up for, as long as its turn may last. */
	@Nullable String yieldedTo;

	long yieldedUntilNanos;

	/** The key has lingered, and does not again until then. */
	private boolean hasLingered;

	private long lingersAgainNanos;

	/** This process may have held the key before. */
	boolean heldBefore;

	/** An acquire has ended without its answer having become a guard since. */
	boolean unknownGrant;

	/** Such an acquire may be granted yet. */
	private boolean grantMayCome;

	/** From then on it cannot any more. */
	private long grantMayComeUntilNanos;

	volatile boolean dirty;

	KeyState(String key, boolean forgotten) {
		this.key = key;
		this.heldBefore = forgotten;
		this.unknownGrant = forgotten;
	}

	boolean isIdle() {
		return this.waiters.isEmpty() && this.grant == null && !this.asked && this.releasing == 0 && !this.inDoubt;
	}

	/** An acquire has ended without an answer and may still run until the given time. */
	void unknownGrantUntil(long nanos) {
		this.unknownGrant = true;
		this.grantMayCome = true;
		this.grantMayComeUntilNanos = nanos;
	}

	/**
	 * Rule 14: dirty unless it was never held here or provably by nobody else since.
	 * @param previouslyOwn whether the grant before was one of this process
	 */
	void becomesHeld(boolean previouslyOwn, Instants now) {
		if (this.heldBefore && (!previouslyOwn || this.unknownGrant)) {
			this.dirty = true;
		}
		this.heldBefore = true;
		// one that comes later would stand before the next grant and hide who had the key
		// between
		this.grantMayCome &= now.isBefore(this.grantMayComeUntilNanos);
		this.unknownGrant = this.grantMayCome;
		this.backoffStep = 0;
	}

	/** The grant that lingers, {@code null} if none does. */
	@Nullable Grant lingering() {
		return (this.grant != null && this.grant.isIdle()) ? this.grant : null;
	}

	void lingersAgainAt(long nanos) {
		this.hasLingered = true;
		this.lingersAgainNanos = nanos;
	}

	boolean mayLinger(Instants now) {
		return !this.hasLingered || !now.isBefore(this.lingersAgainNanos);
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
