package org.crossprocesslock.lease;

import java.util.List;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of guards: close, hand-off, commit and loss, rules 8, 12 and 15 of the
 * protocol. Pure; the rules' numbers are those of {@code docs/protocol.md}.
 */
final class Guards {

	/**
	 * For how long a grant is handed on inside this process before other processes get
	 * their chance.
	 */
	static final long HAND_OFF_NANOS = 100_000_000L;

	/** The same while others are known to wait. */
	static final long WANTED_HAND_OFF_NANOS = 10_000_000L;

	private final Waiters waiters;

	private final ReleaseLane releases;

	private final Looks looks;

	private final Doubts doubts;

	private final Wants wants;

	private final Lingering lingering;

	private final Consumer<Effect> effects;

	Guards(Waiters waiters, ReleaseLane releases, Looks looks, Doubts doubts, Wants wants, Lingering lingering,
			Consumer<Effect> effects) {
		this.waiters = waiters;
		this.releases = releases;
		this.looks = looks;
		this.doubts = doubts;
		this.wants = wants;
		this.lingering = lingering;
		this.effects = effects;
	}

	/**
	 * A guard was closed: hands the key on inside the process or releases it. While a
	 * transaction commits under the guard neither happens, but the closing thread, which
	 * may be the one that is to commit, goes on.
	 */
	void closed(Hold hold, Instants now) {
		hold.closed = true;
		if (isCurrent(hold) && hold.isInCommit()) {
			this.effects.accept(new Effect.Released(hold));
		}
		else {
			leave(hold, now);
		}
	}

	/** Puts a guard into commit, in one step with the question whether it may be. */
	CommitStart beginCommit(Hold hold, Instants now) {
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
	void endCommit(Hold hold, boolean known, Instants now) {
		hold.commits--;
		if (!known) {
			hold.grant().endHandOffs();
		}
		if (hold.closed && !hold.isInCommit() && isCurrent(hold)) {
			leave(hold, now);
		}
	}

	/** The store says that the row does not carry the guard's grant any more. */
	void taken(Hold hold, String reason, Instants now) {
		if (isCurrent(hold)) {
			Grant grant = hold.grant();
			var unused = lose(grant, reason);
			// should the row carry it after all, it would be an orphan
			this.doubts.begin(grant.key, now);
			if (!grant.key.waiters.isEmpty()) {
				this.looks.later(grant.key, now);
			}
		}
	}

	/** Gives the waiter a key that lingers; answers whether it does. */
	boolean resume(KeyState key, Waiter waiter) {
		Grant grant = key.lingering();
		if (grant == null) {
			return false;
		}
		grant.handOff();
		this.waiters.grant(grant, waiter);
		return true;
	}

	/** Gives up a key if it lingers. */
	void release(KeyState key, Instants now) {
		Grant grant = key.lingering();
		if (grant != null) {
			release(grant, null, now);
		}
	}

	/** Gives up what has lingered for long enough. */
	void pass(Instants now) {
		this.lingering.over(now).forEach((grant) -> release(grant, null, now));
	}

	/** Answers which guards were lost: those that are open to their users. */
	List<Hold> lose(Grant grant, String reason) {
		grant.key.grant = null;
		this.lingering.lost(grant);
		List<Hold> lost = grant.open.stream().filter((hold) -> !hold.closed).toList();
		// seen at once, whenever the effects are carried out
		grant.open.forEach((hold) -> hold.lose(reason));
		lost.forEach((hold) -> this.effects.accept(new Effect.Lost(hold, reason)));
		return lost;
	}

	private void leave(Hold hold, Instants now) {
		Grant grant = hold.grant();
		KeyState key = grant.key;
		grant.open.remove(hold);
		if (key.grant != grant || !grant.open.isEmpty()) {
			this.effects.accept(new Effect.Released(hold));
			return;
		}
		long handOffs = key.wants.isEmpty() ? HAND_OFF_NANOS : WANTED_HAND_OFF_NANOS;
		boolean inTime = now.isBefore(grant.sinceNanos + handOffs) || this.lingering.isOpen(grant, now);
		if (!key.waiters.isEmpty() && inTime && grant.canBeHandedOff()) {
			grant.handOff();
			this.effects.accept(new Effect.Released(hold));
			this.waiters.serve(key, grant);
		}
		else if (key.waiters.isEmpty() && this.lingering.begin(grant, now)) {
			this.effects.accept(new Effect.Released(hold));
		}
		else {
			release(grant, hold, now);
		}
	}

	private void release(Grant grant, @Nullable Hold hold, Instants now) {
		KeyState key = grant.key;
		key.grant = null;
		key.backoffStep = 0;
		this.lingering.released(grant, now);
		this.wants.giveWay(key, now);
		this.releases.release(key, grant.term.id(), grant.token, hold);
		if (!key.waiters.isEmpty()) {
			// other processes look at the key now and then: leave them a gap to find it
			// free
			this.looks.later(key, now);
		}
	}

	private static boolean isCurrent(Hold hold) {
		return hold.grant().key.grant == hold.grant();
	}

	/** Whether a guard may be put into commit. */
	enum CommitStart {

		/** It is in commit now, which {@link #endCommit} ends. */
		BEGUN,

		/** It was closed before. */
		CLOSED,

		/** It was lost before. */
		LOST

	}

}
