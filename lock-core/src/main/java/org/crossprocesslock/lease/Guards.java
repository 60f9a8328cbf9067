package org.crossprocesslock.lease;

import java.util.List;

import org.crossprocesslock.engine.LocalInspection;
import org.crossprocesslock.lease.LeaseMachine.CommitStart;
import org.jspecify.annotations.Nullable;

/**
 * The guards of one key in this process, and what becomes of them: close, hand-off,
 * linger, commit and loss, rules 12 and 15 of the protocol.
 */
final class Guards {

	private final Key key;

	private final Keys keys;

	@Nullable Grant grant;

	/** The key has lingered, and does not again until then. */
	private boolean lingeredBefore;

	private long lingersAgainNanos;

	Guards(Key key, Keys keys) {
		this.key = key;
		this.keys = keys;
	}

	/** Gives a new grant to those who wait. One that keeps its key is not handed on. */
	void begin(Grant granted) {
		this.grant = granted;
		if (this.key.waiters.first().keeps()) {
			granted.keepKey();
		}
		serve(granted);
	}

	/**
	 * Gives one who has just asked what is at hand; answers whether there was anything.
	 */
	boolean giveAtOnce(Waiter waiter, Instants now) {
		Grant given = this.grant;
		if (given == null) {
			return false;
		}
		if (given.isIdle() && waiter.keeps()) {
			giveUp(given, null, now);
			return false;
		}
		if (given.isIdle() && mayLinger(given, now)) {
			given.handOff();
		}
		else if (!waiter.isShared() || !this.key.waiters.isEmpty() || !mayBeJoined(given, now)) {
			return false;
		}
		give(given, waiter);
		return true;
	}

	/** Lets in those at the front that may share what this process holds. */
	void admitShared(Instants now) {
		Grant given = this.grant;
		if (given != null && mayBeJoined(given, now) && !this.key.waiters.isEmpty()
				&& this.key.waiters.first().isShared()) {
			serve(given);
		}
	}

	/**
	 * Those who share must not keep the key for ever: not from others who are known to
	 * wait and, where nobody would hear of them, not for long.
	 */
	private boolean mayBeJoined(Grant given, Instants now) {
		return given.isShared() && !given.isIdle() && this.key.line.isEmpty()
				&& (this.keys.isListening() || given.isYoung(false, now));
	}

	/** Gives the grant to the first, and with it to those behind that may share it. */
	private void serve(Grant given) {
		Waiter first = this.key.waiters.first();
		this.key.take(first);
		give(given, first);
		while (given.isShared() && !this.key.waiters.isEmpty() && this.key.waiters.first().isShared()) {
			Waiter next = this.key.waiters.first();
			this.key.take(next);
			give(given, next);
		}
	}

	private void give(Grant given, Waiter waiter) {
		this.keys.emit(new Effect.Granted(waiter, given.give(waiter)));
	}

	/**
	 * A guard was closed: hands the key on inside the process or releases it. While a
	 * transaction commits under the guard neither happens, but the closing thread, which
	 * may be the one that is to commit, goes on.
	 */
	void closed(Holding hold, Instants now) {
		hold.closed = true;
		if (isCurrent(hold) && hold.isInCommit()) {
			this.keys.emit(new Effect.Released(hold));
		}
		else {
			leave(hold, now);
		}
	}

	/** Puts a guard into commit, in one step with the question whether it may be. */
	CommitStart beginCommit(Holding hold, Instants now) {
		if (hold.closed) {
			return CommitStart.CLOSED;
		}
		if (!isCurrent(hold) || !hold.isHeld(now)) {
			return CommitStart.LOST;
		}
		hold.commits++;
		return CommitStart.BEGUN;
	}

	/**
	 * A transaction that was to commit under the guard is over.
	 * @param known whether it is known to be over in the store too; if not, its row may
	 * still be locked, and whoever got the key without asking the store would work beside
	 * it
	 */
	void endCommit(Holding hold, boolean known, Instants now) {
		hold.commits--;
		if (!known) {
			hold.grant().endHandOffs();
		}
		if (hold.closed && !hold.isInCommit() && isCurrent(hold)) {
			leave(hold, now);
		}
	}

	boolean isCurrent(Holding hold) {
		return this.grant == hold.grant();
	}

	/** Answers which guards were lost: those that are open to their users. */
	List<Holding> lose(Grant given, String reason) {
		this.grant = null;
		List<Holding> lost = given.lose(reason);
		lost.forEach((hold) -> this.keys.emit(new Effect.Lost(hold, reason)));
		return lost;
	}

	/**
	 * Loses all guards of the token, then releases the key. A row that a transaction
	 * keeps locked is released afterwards, and in no other way: nobody is given the key
	 * before.
	 */
	boolean takeAway(long token, Instants now) {
		Grant given = this.grant;
		if (given == null || given.currentToken() != token || !given.term.isHeld(now)) {
			return false;
		}
		var unused = lose(given, LocalInspection.RELEASED_BY_OPERATOR);
		this.grant = null;
		this.key.givenUp(given.releaseOrderThatKeepsNothing(), null, now);
		return true;
	}

	private void leave(Holding hold, Instants now) {
		Grant given = hold.grant();
		given.close(hold);
		if (this.grant != given || !given.isIdle()) {
			this.keys.emit(new Effect.Released(hold));
			return;
		}
		boolean someoneWaits = !this.key.waiters.isEmpty();
		boolean inTime = given.isYoung(!this.key.line.isEmpty(), now) || (given.hasLingered() && mayLinger(given, now));
		if (someoneWaits && inTime && given.canBeHandedOff() && !this.key.waiters.first().keeps()) {
			given.handOff();
			this.keys.emit(new Effect.Released(hold));
			serve(given);
		}
		else if (!someoneWaits && mayLinger(given, now)) {
			given.linger(this.keys.lingerNanos(), now);
			this.keys.emit(new Effect.Released(hold));
		}
		else {
			giveUp(given, hold, now);
		}
	}

	/**
	 * Only where others can say that they want the key, and not for a while after it has:
	 * those who only look find it free then.
	 */
	private boolean mayLinger(Grant given, Instants now) {
		boolean othersHaveHadTheirs = !this.lingeredBefore || !now.isBefore(this.lingersAgainNanos);
		return this.keys.lingerNanos() > 0 && this.keys.isListening() && this.key.line.isEmpty()
				&& given.canBeHandedOff() && (given.hasLingered() ? given.lingers(now) : othersHaveHadTheirs);
	}

	/** What lingers is given up when its time is over, or somebody else wants it. */
	void pass(Instants now) {
		Grant given = this.grant;
		if (given != null && given.isIdle() && !mayLinger(given, now)) {
			giveUp(given, null, now);
		}
	}

	void giveUpIfIdle(Instants now) {
		if (this.grant != null && this.grant.isIdle()) {
			giveUp(this.grant, null, now);
		}
	}

	private void giveUp(Grant given, @Nullable Holding closer, Instants now) {
		this.grant = null;
		if (given.hasLingered()) {
			this.lingeredBefore = true;
			this.lingersAgainNanos = now.nanos() + this.keys.turnOfThoseWhoLook(now.nanos() - given.sinceNanos);
		}
		boolean unused = closer != null && closer.unused;
		this.key.givenUp(unused ? given.releaseOrderThatKeepsNothing() : given.releaseOrder(), closer, now);
	}

}
