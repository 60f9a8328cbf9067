package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.WaitedKey;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.LeaseStore.TooLate;
import org.crossprocesslock.lease.LeaseStore.Unanswered;
import org.jspecify.annotations.Nullable;

/**
 * One key in this process: who waits for it, who has it, and what becomes of both. Pure;
 * after each event {@link Keys} asks for its {@link #phase}, and does what that one calls
 * for. The rules' numbers are those of {@code docs/internals/protocol.md}.
 */
final class Key {

	/** What a key needs. It is in exactly one of these. */
	enum Phase {

		/** Nothing. */
		IDLE,

		/** To be acquired, at {@link Key#attemptAtNanos}. */
		WANTED,

		/** An answer: it is being acquired. */
		ASKED,

		/** The lease reaped that stands in the way. */
		REAPING,

		/** Nothing until a guard is closed. */
		HELD,

		/** To be released, at {@link Key#lingersUntilNanos} or when others want it. */
		LINGERING,

		/** To be released, or an answer. */
		RELEASING

	}

	final String name;

	final Waiters waiters = new Waiters();

	final Line line;

	final Guards guards;

	final Row row;

	private final Keys keys;

	private boolean asked;

	/** Acquires sent. */
	private long attempts;

	/** The last of them that found the key held by somebody alive. */
	private long concluded;

	/** The last one found it held, and nothing has failed since. */
	private boolean busy;

	private long attemptAtNanos;

	/** The next attempt comes after a pause, unless this process is told before. */
	private boolean resting;

	private long pauseNanos;

	/** It was told that the key is free after it had asked. */
	private boolean calledMeanwhile;

	private int backoffStep;

	/** What the last attempt found. */
	private @Nullable SeenKey seen;

	/** The lease id that the next acquire may take the row from. */
	private @Nullable String deadLeaseId;

	private Command.@Nullable Reap reap;

	Key(String name, boolean forgotten, Keys keys) {
		this.name = name;
		this.line = new Line(name, keys.lease);
		this.guards = new Guards(this, keys);
		this.row = new Row(name, forgotten, keys);
		this.keys = keys;
	}

	Phase phase() {
		Grant grant = this.guards.grant;
		if (this.row.release() != null) {
			return Phase.RELEASING;
		}
		if (this.asked) {
			return Phase.ASKED;
		}
		if (grant != null) {
			return grant.isIdle() ? Phase.LINGERING : Phase.HELD;
		}
		if (this.waiters.isEmpty()) {
			return Phase.IDLE;
		}
		return (this.reap != null) ? Phase.REAPING : Phase.WANTED;
	}

	/** Whether nothing is to be remembered of it but whether it is dirty. */
	boolean isUnused() {
		return phase() == Phase.IDLE && !this.row.isInDoubt();
	}

	Command.@Nullable Reap reap() {
		return this.reap;
	}

	long attemptAtNanos() {
		return this.attemptAtNanos;
	}

	boolean isResting() {
		return this.resting;
	}

	long pauseNanos() {
		return this.pauseNanos;
	}

	/** Others wait for a key that this process does not have, nor is it its turn. */
	boolean mustPassOn() {
		Phase phase = phase();
		return !this.line.isEmpty() && (phase == Phase.IDLE || (phase == Phase.WANTED && !this.line.isCalled()));
	}

	void passOn(Instants now) {
		boolean waits = !this.waiters.isEmpty();
		this.keys.tell(this.line.passOn(waits, now));
		if (waits && !this.resting) {
			rest(now);
		}
	}

	// requests

	void requested(Waiter waiter, Instants now) {
		if (this.guards.giveAtOnce(waiter, now)) {
			return;
		}
		boolean shares = this.waiters.mayShareWith(waiter);
		if (waiter.expired && (isHeldHere() || (this.busy && !shares))) {
			turnAway(waiter, now);
			return;
		}
		// what is under way was sent before; to those behind others it says enough
		waiter.firstAttempt = this.attempts + ((this.asked && !shares) ? 0 : 1);
		boolean first = this.waiters.isEmpty();
		this.waiters.add(waiter);
		this.keys.deadline(waiter, waiter.expired ? this.keys.answerNanos() : waiter.waitNanos(), now);
		if (first) {
			begin(now);
		}
		if (waiter.expired) {
			attemptNow(now);
			this.keys.lease.hurry(now);
		}
	}

	private boolean isHeldHere() {
		return this.guards.grant != null || this.row.isStuck();
	}

	/** Somebody waits where nobody did before. */
	private void begin(Instants now) {
		this.keys.lease.wanted();
		this.backoffStep = 0;
		this.busy = false;
		this.line.begin(now);
		if (!this.line.isTurnOfAnother(now) && !this.line.willCall()) {
			attemptNow(now);
			return;
		}
		this.keys.tell(this.line.join(now));
		rest(now);
	}

	void abandoned(Waiter waiter, Instants now) {
		if (take(waiter)) {
			this.guards.admitShared(now);
		}
	}

	/** The wait time of one is over, or its time to hear of its attempt. */
	void expired(Waiter waiter, Instants now) {
		boolean waitedForItsAttempt = waiter.expired;
		waiter.expired = true;
		if (isHeldHere() || (this.busy && this.concluded >= waiter.firstAttempt)) {
			refuse(waiter, now);
		}
		else if (waitedForItsAttempt) {
			take(waiter);
			this.keys.emit(new Effect.Failed(waiter, Answer.NoAnswer.tooLate()));
		}
		else {
			this.keys.deadline(waiter, this.keys.answerNanos(), now);
			this.keys.lease.hurry(now);
			attemptNow(now);
		}
	}

	void rejectAll() {
		for (Waiter waiter : this.waiters.those((any) -> true)) {
			take(waiter);
			this.keys.emit(new Effect.Rejected(waiter));
		}
	}

	boolean take(Waiter waiter) {
		this.keys.noDeadline(waiter);
		return this.waiters.remove(waiter);
	}

	/** Does nothing if it waits no more: the end of another may just have let it in. */
	private void refuse(Waiter waiter, Instants now) {
		if (take(waiter)) {
			turnAway(waiter, now);
			this.guards.admitShared(now);
		}
	}

	private void turnAway(Waiter waiter, Instants now) {
		long kept = isHeldHere() ? 0 : keptNanos(now);
		this.keys.emit(new Effect.Busy(waiter, holder(), (kept > 0) ? Duration.ofNanos(kept) : null));
	}

	private long keptNanos(Instants now) {
		return (this.seen != null) ? this.seen.keptNanos(now) : 0;
	}

	/** The process that was last seen to have it. */
	private @Nullable String holder() {
		String other = (this.seen != null) ? this.seen.holder() : null;
		return isHeldHere() ? this.keys.holder : other;
	}

	/** What to tell of those who wait, {@code null} if nobody does. */
	@Nullable WaitedKey waited() {
		LockAttempt first = this.waiters.isEmpty() ? null : this.waiters.first().attempt();
		return (first != null) ? new WaitedKey(this.name, this.waiters.size(), first.waited(), holder()) : null;
	}

	// attempts

	/** At once, if nothing else is to be done before. */
	void attemptNow(Instants now) {
		this.attemptAtNanos = now.nanos();
		this.resting = false;
		this.pauseNanos = 0;
	}

	/**
	 * It is the turn of this process, unless it has the key, whatever was asked before.
	 */
	void called(Instants now) {
		if (this.guards.grant != null) {
			return;
		}
		this.line.called(!this.waiters.isEmpty());
		this.backoffStep = 0;
		this.calledMeanwhile = this.asked;
		if (!this.asked) {
			attemptNow(now);
		}
	}

	/** After a pause, but not after the moment the present lease runs out or is free. */
	private void rest(Instants now) {
		rest(Long.MAX_VALUE, now);
	}

	private void rest(long most, Instants now) {
		if (this.waiters.isEmpty() || this.waiters.haveExpired()) {
			attemptNow(now);
			return;
		}
		long kept = keptNanos(now);
		long pause = (kept > 0) ? this.keys.pauseWhileKept(kept)
				: this.keys.pause(this.backoffStep++, this.line, most, now);
		this.pauseNanos = (this.seen != null) ? this.seen.notPast(pause, now) : pause;
		this.attemptAtNanos = now.nanos() + this.pauseNanos;
		this.resting = true;
	}

	AcquireOrder ask(Instants now) {
		this.asked = true;
		this.calledMeanwhile = false;
		this.attempts++;
		boolean tells = this.waiters.haveTime() && this.keys.mayBeTold()
				&& (this.line.works() || this.line.mustTell(this.seen, this.keys.untilToldAgain(), now));
		AcquireOrder order = new AcquireOrder(this.name, this.deadLeaseId, tells, keep());
		this.deadLeaseId = null;
		return order;
	}

	void acquired(Command.Acquire sent, AcquireOrder order, @Nullable AcquireResult result,
			@Nullable LockStoreException failure, Instants now) {
		this.asked = false;
		if (result instanceof Granted granted) {
			granted(sent.leaseId(), order, granted, now);
		}
		else if (result instanceof Busy found) {
			busy(order, found.seen(), now);
		}
		else if (result instanceof TooLate) {
			this.keys.lease.renewSoon(now);
			failed(Answer.NoAnswer.tooLate(), now);
		}
		else if (result instanceof Failed failed) {
			failed(failed.failure(), now);
		}
		else if (result instanceof Unanswered unanswered) {
			unanswered(sent, unanswered.failure(), now);
		}
		else {
			unanswered(sent, (failure != null) ? failure : Answer.NoAnswer.about(this.name), now);
		}
	}

	private void unanswered(Command.Acquire sent, LockStoreException failure, Instants now) {
		this.row.unanswered(sent.leaseId(), sent.notAfter(), now);
		failed(failure, now);
	}

	/** For how long the next grant keeps the key: as its first waiter asks. */
	private Duration keep() {
		return this.waiters.isEmpty() ? Duration.ZERO : this.waiters.first().keep();
	}

	private void granted(String leaseId, AcquireOrder order, Granted granted, Instants now) {
		LeaseTerm term = this.keys.lease.open();
		if (term == null || !term.id().equals(leaseId) || this.row.wasReleased(granted.token())
				|| this.waiters.isEmpty() || !order.keep().equals(keep())) {
			this.row.giveBack(leaseId, granted.token(), !order.keep().isZero(), now);
			attemptNow(now);
			return;
		}
		this.row.taken(granted);
		this.line.had(this.resting, now);
		this.busy = false;
		this.seen = null;
		this.guards.begin(new Grant(this, term, granted.token(), now.nanos()));
		// the store is not asked any more, so this was their attempt
		this.waiters.those((waiter) -> waiter.expired).forEach((waiter) -> refuse(waiter, now));
	}

	/** What an acquire has seen is as good as a look. */
	private void busy(AcquireOrder order, KeyLook look, Instants now) {
		String other = look.leaseId();
		if (this.seen == null || !this.seen.isOf(look)) {
			// a key that moves is asked for quickly again by those who are not told
			this.backoffStep = this.keys.isListening() ? this.backoffStep : 0;
		}
		SeenKey found = new SeenKey(look, now.nanos());
		this.seen = found;
		if (other != null && this.keys.lease.isOpen(other)) {
			this.row.giveBackWhatWasLeft(other, look.token(), now);
			attemptNow(now);
		}
		else if (look.kept() != null && look.lease() == null) {
			held(order, found, now);
		}
		else if (other != null && look.lease() == null && !other.equals(order.deadLeaseId())) {
			this.deadLeaseId = other;
			attemptNow(now);
		}
		else {
			this.reap = this.waiters.isEmpty() ? null : this.keys.watches.reap(look, now);
			if (this.reap == null) {
				held(order, found, now);
			}
		}
	}

	/** Somebody alive has it or has its row locked, or it is kept. */
	private void held(AcquireOrder order, SeenKey found, Instants now) {
		String holder = (found.holder() != null) ? found.look().leaseId() : null;
		if (holder != null && this.keys.lease.isOwn(holder)) {
			this.keys.lease.endAgain(holder);
		}
		if (holder != null && order.waits()) {
			this.line.told(found, now);
		}
		this.busy = true;
		this.concluded = this.attempts;
		this.waiters.those((waiter) -> waiter.expired && this.concluded >= waiter.firstAttempt)
			.forEach((waiter) -> refuse(waiter, now));
		if (this.calledMeanwhile) {
			attemptNow(now);
			return;
		}
		if (holder != null) {
			this.keys.tell(this.line.handOver(holder));
		}
		rest(now);
	}

	/** Ends those whom it concerns: all if it is permanent, else those without time. */
	void failed(LockStoreException failure, Instants now) {
		this.busy = false;
		for (Waiter waiter : this.waiters.those((any) -> any.expired || failure.isPermanent())) {
			take(waiter);
			this.keys.emit(new Effect.Failed(waiter, failure));
		}
		rest(now);
	}

	void reaped(boolean dead, @Nullable LockStoreException failure, Instants now) {
		Command.Reap wanted = this.reap;
		this.reap = null;
		if (failure != null) {
			failed(failure, now);
		}
		else if (dead && wanted != null) {
			this.deadLeaseId = wanted.leaseId();
			attemptNow(now);
		}
		else {
			rest(now);
		}
	}

	/** Nobody can call this process any more. */
	void deafened(Instants now) {
		if (this.resting) {
			rest(now);
		}
	}

	void leaseOpened(Instants now) {
		attemptNow(now);
	}

	/** Answers which guards were lost. */
	List<Holding> leaseLost(LeaseTerm term, String reason) {
		Grant grant = this.guards.grant;
		this.row.leaseLost();
		this.reap = null;
		this.backoffStep = 0;
		this.line.leave();
		return (grant != null && grant.term == term) ? this.guards.lose(grant, reason) : List.of();
	}

	// guards and releases

	/** The store says that the row does not carry the guard's grant any more. */
	void taken(Holding hold, String reason, Instants now) {
		if (this.guards.isCurrent(hold)) {
			var unused = this.guards.lose(hold.grant(), reason);
			// should the row carry it after all, it would be an orphan
			this.row.doubt(hold.grant().term.id(), now);
			rest(now);
		}
	}

	void clearDirty(Holding hold, Instants now) {
		if (this.guards.isCurrent(hold) && hold.isHeld(now)) {
			this.row.clean();
		}
	}

	void givenUp(ReleaseOrder order, @Nullable Holding closer, Instants now) {
		this.backoffStep = 0;
		this.row.release(order, closer, now);
		// other processes look at the key now and then: leave them a gap to find it free
		// at every other look at least, so no longer than it was kept from them
		rest(Grant.HAND_OFF_NANOS, now);
	}

	void released(boolean locked, @Nullable LockStoreException failure, Instants now) {
		this.line.released(now);
		boolean orphan = this.row.release() != null && this.row.release().closer() == null;
		this.row.released(locked, failure, now);
		if (this.row.isStuck()) {
			this.waiters.those((waiter) -> waiter.expired).forEach((waiter) -> refuse(waiter, now));
		}
		else if (failure != null && orphan) {
			// which was all they waited for
			failed(failure, now);
		}
		else if (this.line.isTurnOfAnother(now)) {
			rest(now);
		}
	}

	/**
	 * A look at a key in doubt.
	 * @param clock the store's clock before the look
	 * @param sent when the look was sent
	 */
	void looked(KeyLook look, long clock, Instants sent, Instants now) {
		String leaseId = look.leaseId();
		if (leaseId == null || !Row.isOrphan(look, this.guards.grant, this.keys.lease)) {
			this.row.isFine(clock, sent);
		}
		else if (phase() != Phase.ASKED && phase() != Phase.RELEASING && this.guards.grant == null) {
			this.row.giveBackWhatWasLeft(leaseId, look.token(), now);
		}
	}

	/** Nothing goes on about the key any more. */
	void rests() {
		this.seen = null;
		this.row.rest();
	}

}
