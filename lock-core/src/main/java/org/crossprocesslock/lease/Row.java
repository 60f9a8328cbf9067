package org.crossprocesslock.lease;

import java.util.Objects;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.jspecify.annotations.Nullable;

/**
 * What this process has done to the row of one key, and does not know the end of: rules
 * 8, 10 and 14 of the protocol.
 */
final class Row {

	private static final long NO_LIMIT = Long.MIN_VALUE;

	/**
	 * A release on its way.
	 *
	 * @param closer the guard whose closing waits for it, no longer than until the time
	 * given
	 * @param sent whether it is under way
	 * @param lockedTimes how often the row was found locked
	 * @param atNanos when to send it
	 */
	record Release(ReleaseOrder order, @Nullable Holding closer, long closerUntilNanos, boolean sent, int lockedTimes,
			long atNanos) {

		Release asSent() {
			return new Release(this.order, this.closer, this.closerUntilNanos, true, this.lockedTimes, this.atNanos);
		}

		Release withoutCloser() {
			return new Release(this.order, null, 0, this.sent, this.lockedTimes, this.atNanos);
		}

		Release again(long atNanos) {
			return new Release(this.order, null, 0, false, this.lockedTimes + 1, atNanos);
		}

		/** The row was found locked, and is tried again. */
		boolean isStuck() {
			return this.lockedTimes > 0;
		}

	}

	private final String key;

	private final Keys keys;

	private @Nullable Release release;

	/** Tokens at or below this belong to grants that this process has given up. */
	private long highestReleased;

	private boolean inDoubt;

	private long inDoubtSinceNanos;

	/** The latest limit, by the store's clock, of an acquire that was not answered. */
	private long lateUntil = NO_LIMIT;

	/** This process may have held the key before. */
	private boolean heldBefore;

	/** An acquire has ended without its answer having become a guard since. */
	private boolean unknownGrant;

	private volatile boolean dirty;

	Row(String key, boolean forgotten, Keys keys) {
		this.key = key;
		this.heldBefore = forgotten;
		this.unknownGrant = forgotten;
		this.keys = keys;
	}

	@Nullable Release release() {
		return this.release;
	}

	/** Somebody keeps it locked, so that it cannot be released. */
	boolean isStuck() {
		return this.release != null && this.release.isStuck();
	}

	boolean isInDoubt() {
		return this.inDoubt;
	}

	boolean isDirty() {
		return this.dirty;
	}

	void clean() {
		this.dirty = false;
	}

	/** Whether nothing is known of it that would have to be remembered. */
	boolean isAsNew() {
		return !this.heldBefore && !this.unknownGrant;
	}

	/** Whether the token belongs to a grant that was given up. */
	boolean wasReleased(long token) {
		return token <= this.highestReleased;
	}

	/** The key becomes held: dirty unless provably nobody else has had it since. */
	void taken(Granted granted) {
		String previous = granted.previousLeaseId();
		boolean own = previous != null && this.keys.lease.isOwn(previous);
		this.dirty |= this.heldBefore && (!own || this.unknownGrant);
		this.heldBefore = true;
		// one that comes later would stand before the next grant and hide who had the key
		// between
		this.unknownGrant = this.lateUntil != NO_LIMIT && !this.keys.clock.isPast(lastEffect());
	}

	/** From now on this token never becomes a guard. */
	void release(ReleaseOrder order, @Nullable Holding closer, Instants now) {
		if (this.keys.lease.isOpen(order.leaseId())) {
			this.highestReleased = Math.max(this.highestReleased, order.token());
			this.keys.unflushed.sent(this.key);
		}
		this.release = new Release(order, closer, now.nanos() + this.keys.answerNanos(), false, 0, now.nanos());
	}

	/** It was granted, but nobody has got a guard of it. */
	void giveBack(String leaseId, long token, boolean keepsKey, Instants now) {
		this.unknownGrant = true;
		release(new ReleaseOrder(this.key, leaseId, token, keepsKey), null, now);
	}

	/** It carries the own lease without a guard, which may have had one before. */
	void giveBackWhatWasLeft(String leaseId, long token, Instants now) {
		// a token released before belonged to a grant that this process knew of
		this.unknownGrant |= !wasReleased(token);
		release(new ReleaseOrder(this.key, leaseId, token), null, now);
	}

	ReleaseOrder sendRelease() {
		Release sent = Objects.requireNonNull(this.release).asSent();
		this.release = sent;
		return sent.order();
	}

	/** Whoever has closed the guard need not wait any longer. */
	void letCloserGo() {
		Release waited = this.release;
		if (waited != null && waited.closer() != null) {
			this.keys.emit(new Effect.Released(waited.closer()));
			this.release = waited.withoutCloser();
		}
	}

	/** The release has ended. Nobody waits for a row that somebody keeps locked. */
	void released(boolean locked, @Nullable LockStoreException failure, Instants now) {
		Release ended = Objects.requireNonNull(this.release);
		letCloserGo();
		if (locked && this.keys.lease.isOpen(ended.order().leaseId())) {
			this.release = ended.again(now.nanos() + this.keys.pauseAtLockedRow(ended.lockedTimes()));
			return;
		}
		this.release = null;
		this.keys.unflushed.ended(this.key);
		if (failure != null) {
			doubt(ended.order().leaseId(), now);
		}
	}

	/** An acquire has ended without an answer, and may yet run until the limit. */
	void unanswered(String leaseId, long limit, Instants now) {
		this.unknownGrant = true;
		this.lateUntil = Math.max(this.lateUntil, limit);
		doubt(leaseId, now);
	}

	/** What is left under a lease that is over hurts nobody. */
	void doubt(String leaseId, Instants now) {
		if (this.keys.lease.isOpen(leaseId)) {
			this.inDoubt = true;
			this.inDoubtSinceNanos = now.nanos();
		}
	}

	/**
	 * The store's clock was set back: an acquire that was too late may be in time again.
	 * Answers whether there is one.
	 */
	boolean comesAgain() {
		this.unknownGrant |= this.lateUntil != NO_LIMIT;
		return this.lateUntil != NO_LIMIT;
	}

	/**
	 * A look has found nothing amiss.
	 * @param clock the store's clock before it
	 * @param sent when it was sent
	 */
	void isFine(long clock, Instants sent) {
		if (!sent.isBefore(this.inDoubtSinceNanos) && (this.lateUntil == NO_LIMIT || clock > lastEffect())) {
			this.inDoubt = false;
		}
	}

	static boolean isOrphan(KeyLook look, @Nullable Grant grant, LeaseKeeper lease) {
		return lease.isOpen(look.leaseId()) && (grant == null || grant.token != look.token());
	}

	void leaseLost() {
		this.inDoubt = false;
		this.highestReleased = 0;
		if (this.release != null && this.release.isStuck() && !this.release.sent()) {
			this.release = null;
		}
	}

	/** Nothing goes on about the key any more. */
	void rest() {
		// no statement is left whose grant could be one given up, and a row made anew may
		// count from less
		this.highestReleased = 0;
	}

	/** When the latest of them has taken effect, if it was in time. */
	private long lastEffect() {
		return this.lateUntil + this.keys.answerLimitNanos() / 1000;
	}

}
