package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.LeaseLook;
import org.crossprocesslock.lease.LeaseStore.TooLate;
import org.jspecify.annotations.Nullable;

/**
 * Requests and grants: rules 7 to 14 of the protocol, except for the looking itself,
 * which is {@link Looks}, the order of statements, which is {@link KeyLane}, and what
 * becomes of guards, which is {@link Guards}. Pure; the rules' numbers are those of
 * {@code docs/protocol.md}.
 */
final class Keys {

	private final KeyMemory memory = new KeyMemory();

	private final Waiters waiters;

	private final LeaseKeeper lease;

	private final KeyLane lane;

	private final ReleaseLane releases;

	private final Looks looks;

	private final Doubts doubts;

	private final UnflushedReleases unflushed = new UnflushedReleases();

	private final Attempts attempts;

	private final Wants wants;

	private final Lingering lingering;

	private final Guards guards;

	private final Consumer<Effect> effects;

	Keys(LeaseOptions options, String holder, LeaseKeeper lease, long answerLimitNanos, int worthAnother,
			RandomGenerator random, Instants now, Consumer<Effect> effects) {
		this.waiters = new Waiters(holder, now, effects);
		this.lease = lease;
		this.lane = new KeyLane(options, lease, worthAnother, random, now, effects);
		this.releases = new ReleaseLane(options, lease, this.unflushed, now, effects);
		this.looks = new Looks(options, random, now, effects);
		this.doubts = new Doubts(answerLimitNanos);
		this.attempts = new Attempts(this.waiters, this.lane, this.looks);
		this.lingering = new Lingering(options, now);
		this.wants = new Wants(lease, this.memory, this.releases, this.attempts, this.lingering);
		this.guards = new Guards(this.waiters, this.releases, this.looks, this.doubts, this.wants, this.lingering,
				effects);
		this.effects = effects;
	}

	Guards guards() {
		return this.guards;
	}

	Wants wants() {
		return this.wants;
	}

	void requested(Waiter waiter, Instants now) {
		KeyState key = this.memory.use(waiter.key());
		if (this.guards.resume(key, waiter)) {
			return;
		}
		Grant grant = key.grant;
		boolean alone = key.waiters.isEmpty();
		if (grant != null && alone && grant.isShared() && waiter.isShared()) {
			this.waiters.grant(grant, waiter);
			return;
		}
		if (waiter.expired && (grant != null || key.rowLocked || !Waiters.mayShareWithAllBefore(key, waiter))) {
			this.waiters.turnAway(key, waiter);
			forgetIfIdle(key);
			return;
		}
		this.waiters.add(key, waiter, now);
		if (grant == null && waiter.expired) {
			this.attempts.want(key);
			this.lease.hurry(now);
		}
		else if (grant == null && alone) {
			if (this.wants.mustWait(key, now)) {
				this.attempts.retryLater(key, now);
			}
			else {
				this.attempts.want(key);
			}
		}
	}

	void abandoned(Waiter waiter) {
		KeyState key = this.memory.find(waiter.key());
		if (key != null && this.waiters.remove(key, waiter)) {
			forgetIfIdle(key);
		}
	}

	void clearDirty(Hold hold, Instants now) {
		if (hold.grant().key.grant == hold.grant() && hold.isHeld(now)) {
			hold.grant().key.dirty = false;
		}
	}

	void leaseOpened(Instants now) {
		this.memory.waitedFor().forEach(this.attempts::want);
	}

	/** Answers which guards were lost. */
	List<Hold> leaseLost(LeaseTerm term, String reason) {
		List<Hold> lost = new ArrayList<>();
		this.releases.forgetLocked();
		for (KeyState key : this.memory.inUse()) {
			Grant grant = key.grant;
			if (grant != null && grant.term == term) {
				lost.addAll(this.guards.lose(grant, reason));
			}
			this.doubts.end(key);
			key.highestReleased = 0;
			key.wants.clear();
			key.toldLeaseId = null;
			key.yieldedTo = null;
			this.lane.forget(key);
			this.looks.forget(key);
			forgetIfIdle(key);
		}
		this.unflushed.forgetAll();
		this.wants.leaseLost();
		return lost;
	}

	void openingFailed(LockStoreException failure) {
		for (KeyState key : this.memory.waitedFor()) {
			this.waiters.fail(key, failure);
			forgetIfIdle(key);
		}
	}

	/** Keys in doubt are looked at with every heartbeat. */
	void beat(Instants now) {
		this.doubts.look(this.looks, now);
		this.unflushed.renewalSent();
	}

	/** What was released is in doubt if the store may have crashed since. */
	void leaseKept(String session, Instants now) {
		for (String name : this.unflushed.kept(session)) {
			KeyState key = this.memory.use(name);
			this.doubts.begin(key, now);
			this.looks.now(key, now);
		}
	}

	void stop(Instants now) {
		for (KeyState key : this.memory.inUse()) {
			this.waiters.rejectAll(key);
			this.guards.release(key, now);
			forgetIfIdle(key);
		}
	}

	void pass(Instants now) {
		this.guards.pass(now);
		for (Waiter waiter : this.waiters.expired(now)) {
			KeyState key = this.memory.use(waiter.key());
			if (key.grant != null || key.rowLocked || Waiters.hadItsAttempt(key, waiter)) {
				this.waiters.refuse(key, waiter);
				forgetIfIdle(key);
			}
			else {
				this.lease.hurry(now);
				if (!key.asked && !this.lane.isWanted(key)) {
					this.looks.now(key, now);
				}
			}
		}
	}

	/** No release is on its way any more, nor an acquire that could call for one. */
	boolean isQuiet() {
		return this.lane.isQuiet() && this.releases.isQuiet();
	}

	void dispatch(Instants now) {
		this.releases.dispatch(this.wants, now);
		this.lane.dispatch(this.looks, this.wants, now);
	}

	long nextWake(long latest) {
		long wake = Schedule.earlier(latest, this.waiters.nextDeadline().orElse(latest));
		wake = Schedule.earlier(wake, this.lingering.next().orElse(latest));
		wake = Schedule.earlier(wake, this.releases.nextWake().orElse(latest));
		return Schedule.earlier(wake, this.lane.nextWake(this.looks).orElse(latest));
	}

	void answered(Command.OnKeys command, Answer answer, Instants now) {
		LockStoreException failure = (answer instanceof Answer.NoAnswer none) ? none.failure() : null;
		if (command instanceof Command.Release) {
			Set<String> locked = (answer instanceof Answer.Freed freed) ? freed.lockedKeys() : Set.of();
			for (ReleaseLane.Releasing each : this.releases.answered()) {
				released(each, locked.contains(each.key().key), failure, now);
			}
			return;
		}
		this.lane.answered(command);
		if (command instanceof Command.Acquire acquire) {
			Map<String, AcquireResult> results = new HashMap<>();
			if (answer instanceof Answer.Acquired acquired) {
				acquired.results().forEach((result) -> results.put(result.key(), result));
			}
			for (AcquireOrder order : acquire.orders()) {
				acquired(this.memory.use(order.key()), acquire.leaseId(), order, results.get(order.key()), failure,
						now);
			}
		}
		else if (command instanceof Command.Reap reap) {
			reaped(reap, answer, failure, now);
		}
		else if (command instanceof Command.Purge && answer instanceof Answer.Found more && more.found()) {
			this.lane.purgeAgain(now);
		}
		else if (command instanceof Command.Look look) {
			Map<String, KeyLook> found = new HashMap<>();
			if (answer instanceof Answer.Looked looked) {
				looked.looked().keys().forEach((each) -> found.put(each.key(), each));
			}
			for (String name : look.keys()) {
				KeyState key = this.memory.use(name);
				KeyLook seen = found.get(name);
				if (seen != null) {
					looked(key, seen, now);
				}
				else {
					this.attempts.retry(key, (failure != null) ? failure : Answer.NoAnswer.about(name), now);
				}
				forgetIfIdle(key);
			}
		}
	}

	private void acquired(KeyState key, String leaseId, AcquireOrder order, @Nullable AcquireResult result,
			@Nullable LockStoreException failure, Instants now) {
		key.asked = false;
		boolean afterLook = key.afterLook;
		key.afterLook = false;
		if (result instanceof Granted granted) {
			granted(key, leaseId, granted, now);
		}
		else if (result instanceof Busy busy) {
			busy(key, order, busy.seen(), afterLook, now);
		}
		else if (result instanceof TooLate) {
			this.attempts.retryLater(key, now);
		}
		else if (result instanceof Failed failed) {
			this.attempts.retry(key, failed.failure(), now);
		}
		else {
			key.unknownGrantUntil(this.doubts.lastRun(now));
			doubt(key, leaseId, now);
			this.attempts.retry(key, (failure != null) ? failure : Answer.NoAnswer.about(key.key), now);
		}
		forgetIfIdle(key);
	}

	/** What an acquire has seen is as good as a look, unless somebody was just at it. */
	private void busy(KeyState key, AcquireOrder order, KeyLook seen, boolean afterLook, Instants now) {
		if (order.waits() && isAlive(seen.lease())) {
			this.wants.told(key, seen);
		}
		boolean isFree = seen.lease() == null && Objects.equals(seen.leaseId(), order.deadLeaseId());
		if (!isFree) {
			seen(key, seen, now);
		}
		else if (afterLook) {
			this.attempts.conclude(key);
			this.attempts.retryLater(key, now);
		}
		else if (!key.waiters.isEmpty()) {
			this.looks.now(key, now);
		}
	}

	private static boolean isAlive(@Nullable LeaseLook lease) {
		return lease != null && !lease.remaining().isNegative() && !lease.remaining().isZero();
	}

	private void granted(KeyState key, String leaseId, Granted granted, Instants now) {
		LeaseTerm term = this.lease.open();
		if (term == null || !term.id().equals(leaseId) || key.wasReleased(granted.token()) || key.waiters.isEmpty()) {
			key.unknownGrant = true;
			this.releases.release(key, leaseId, granted.token(), null);
			this.attempts.retryLater(key, now);
			return;
		}
		String previous = granted.previousLeaseId();
		key.becomesHeld(previous != null && this.lease.isOwn(previous), now);
		key.grant = new Grant(key, term, granted.token(), now.nanos());
		this.waiters.serve(key, key.grant);
		// the store is not asked about this key any more, so this was their attempt
		this.waiters.refuseAllExpired(key);
	}

	private void released(ReleaseLane.Releasing releasing, boolean locked, @Nullable LockStoreException failure,
			Instants now) {
		KeyState key = releasing.key();
		if (releasing.hold() != null) {
			this.effects.accept(new Effect.Released(releasing.hold()));
		}
		if (locked && this.lease.isOpen(releasing.order().leaseId())) {
			this.releases.again(releasing, now);
			this.waiters.refuseAllExpired(key);
			return;
		}
		key.rowLocked = false;
		key.releasing--;
		if (key.releasing == 0) {
			this.unflushed.ended(key.key);
			if (this.unflushed.areMany()) {
				this.lease.renewSoon(now);
			}
		}
		if (failure != null) {
			doubt(key, releasing.order().leaseId(), now);
			if (releasing.hold() == null && !key.asked && !this.lane.isWanted(key)) {
				// an orphan, whose row may be locked for long, was all they waited for
				this.attempts.retry(key, failure, now);
			}
		}
		this.wants.passOn(key);
		forgetIfIdle(key);
	}

	private void reaped(Command.Reap reap, Answer answer, @Nullable LockStoreException failure, Instants now) {
		boolean dead = answer instanceof Answer.Found row && row.found();
		for (KeyState key : this.memory.waitedFor()) {
			if (key.seen == null || !reap.leaseId().equals(key.seen.leaseId()) || key.asked) {
				continue;
			}
			if (failure != null) {
				this.attempts.retry(key, failure, now);
			}
			else if (dead) {
				this.attempts.wantAfterLook(key, reap.leaseId());
			}
			else {
				this.attempts.retryLater(key, now);
			}
		}
	}

	private void looked(KeyState key, KeyLook look, Instants now) {
		boolean orphan = this.lease.isOpen(look.leaseId()) && !key.isBackedByAGuard(look.token());
		if (key.inDoubt && !orphan && this.looks.wasSentAfter(key.doubtUntilNanos)) {
			this.doubts.end(key);
		}
		seen(key, look, now);
	}

	private void seen(KeyState key, KeyLook look, Instants now) {
		String leaseId = look.leaseId();
		boolean carriesOurLease = this.lease.isOpen(leaseId);
		if (leaseId != null && carriesOurLease && !key.isBackedByAGuard(look.token()) && !key.asked
				&& key.releasing == 0) {
			releaseOrphan(key, leaseId, look.token());
		}
		if (key.waiters.isEmpty() || key.grant != null || key.asked) {
			return;
		}
		switch (this.looks.judge(key, look, carriesOurLease, now)) {
			case FREE -> this.attempts.wantAfterLook(key, leaseId);
			case OURS -> this.attempts.retryLater(key, now);
			case EXPIRED -> this.lane.reap(look, false);
			case UNCHANGED -> this.lane.reap(look, true);
			case HELD -> {
				if (leaseId != null && this.lease.isOwn(leaseId)) {
					this.lease.endAgain(leaseId);
				}
				this.attempts.conclude(key);
				if (!key.waiters.isEmpty()) {
					this.wants.tell(key, look);
				}
				this.attempts.retryLater(key, now);
			}
		}
	}

	/** What is left under a lease that is over hurts nobody. */
	private void doubt(KeyState key, String leaseId, Instants now) {
		if (this.lease.isOpen(leaseId)) {
			this.doubts.begin(key, now);
		}
	}

	private void releaseOrphan(KeyState key, String leaseId, long token) {
		// a token released before belonged to a grant that this process knew of
		key.unknownGrant |= !key.wasReleased(token);
		this.releases.release(key, leaseId, token, null);
	}

	private void forgetIfIdle(KeyState key) {
		if (key.waiters.isEmpty()) {
			this.wants.passOn(key);
			this.lane.forget(key);
			if (!key.inDoubt) {
				this.looks.cancel(key);
			}
			if (key.isIdle()) {
				key.seen = null;
				// no statement is left whose grant could be one given up, and a row
				// made anew may count from less
				key.highestReleased = 0;
				this.memory.idle(key);
			}
		}
	}

}
