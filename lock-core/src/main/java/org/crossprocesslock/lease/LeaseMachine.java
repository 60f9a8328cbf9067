package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Call.Slot;
import org.crossprocesslock.lease.Command.Answer;

/**
 * The protocol of one process, without threads, I/O and clocks: events with the time at
 * which they happen go in, effects come out. Every event first lets time pass, so that no
 * answer counts that comes after the lease is over. Not safe from several threads: the
 * shell calls it under one lock, a simulation from one thread.
 */
final class LeaseMachine {

	/** Whether a guard may be put into commit. */
	enum CommitStart {

		/** It is in commit now, which {@link LeaseMachine#commitEnded} ends. */
		BEGUN,

		/** It was closed before. */
		CLOSED,

		/** It was lost before. */
		LOST

	}

	private final Slots slots;

	private final LeaseKeeper lease;

	private final Keys keys;

	private boolean leaseEnded;

	private boolean stopped;

	private List<Effect> effects = new ArrayList<>();

	/**
	 * Creates the machine of a process.
	 * @param worthAnother for so many keys another acquire is sent beside one under way
	 * @param remembered so many keys are remembered that nobody uses
	 */
	LeaseMachine(LeaseOptions options, String label, long answerLimitNanos, int worthAnother, int remembered,
			Supplier<UUID> ids, RandomGenerator random, Instants now) {
		String holder = (options.holderName() != null) ? options.holderName() : label;
		this.slots = new Slots(answerLimitNanos, this::emit);
		this.lease = new LeaseKeeper(options, holder, ids, now, this.slots, this::emit, new LeaseEvents());
		this.keys = new Keys(options, holder, this.lease, this.slots, answerLimitNanos, worthAnother, remembered,
				random, now, this::emit);
	}

	/** It follows another machine of this process, which may have held any key. */
	void followsAnother() {
		this.keys.mayHaveHeldAll();
	}

	void requested(Waiter waiter, Instants now) {
		handle(now, () -> this.keys.requested(waiter, now));
	}

	/** The caller has given up; does nothing if the waiter's turn has come before. */
	void abandoned(Waiter waiter, Instants now) {
		handle(now, () -> this.keys.abandoned(waiter, now));
	}

	void closed(Holding hold, Instants now) {
		ofGuard(hold, (key) -> key.guards.closed(hold, now), now);
	}

	/** The same of a guard that nobody has used: its key is not kept. */
	void givenBack(Holding hold, Instants now) {
		ofGuard(hold, (key) -> {
			hold.unused = true;
			key.guards.closed(hold, now);
		}, now);
	}

	/** Asks whether a transaction may commit under the guard; if so it is in commit. */
	CommitStart commitBegun(Holding hold, Instants now) {
		CommitStart[] start = { CommitStart.LOST };
		ofGuard(hold, (key) -> start[0] = key.guards.beginCommit(hold, now), now);
		return start[0];
	}

	/**
	 * The transaction is over.
	 * @param known whether it is known to be over in the store too
	 */
	void commitEnded(Holding hold, boolean known, Instants now) {
		ofGuard(hold, (key) -> key.guards.endCommit(hold, known, now), now);
	}

	/** The row was found not to carry the guard's grant any more. */
	void taken(Holding hold, String reason, Instants now) {
		ofGuard(hold, (key) -> key.taken(hold, reason, now), now);
	}

	/** Takes the key from its guards; answers whether it was held under the token. */
	boolean takeAway(String name, long token, Instants now) {
		boolean[] taken = { false };
		Key key = this.keys.find(name);
		if (key != null) {
			handle(now, () -> this.keys.happened(key, () -> taken[0] = key.guards.takeAway(token, now), now));
		}
		return taken[0];
	}

	void clearDirty(Holding hold, Instants now) {
		ofGuard(hold, (key) -> key.clearDirty(hold, now), now);
	}

	/** An answer has come; it means nothing if the call was dropped before. */
	void answered(Call call, Answer answer, Instants now) {
		handle(now, () -> {
			if (this.slots.answered(call)) {
				tell(call, answer, now);
			}
		});
	}

	/** What others tell to the lease arrives, or does not any more. */
	void listening(String leaseId, boolean works, Instants now) {
		handle(now, () -> this.keys.listening(leaseId, works, now));
	}

	void noticed(Notice notice, Instants now) {
		handle(now, () -> this.keys.noticed(notice, now));
	}

	void timePassed(Instants now) {
		handle(now, () -> {
		});
	}

	/** Loses what is held, turns away who waits, and ends the lease. */
	void stop(Instants now) {
		handle(now, () -> {
			this.keys.stop(now);
			this.lease.stop(now);
		});
	}

	/** Has a lease ended that another machine of this process has had. */
	void endLease(String leaseId, Instants now) {
		handle(now, () -> this.lease.endAgain(leaseId));
	}

	/** What came up since the last call. */
	List<Effect> takeEffects() {
		List<Effect> taken = this.effects;
		this.effects = new ArrayList<>();
		return taken;
	}

	/** When time must be let pass at the latest. */
	long nextWake(Instants now) {
		long latest = this.lease.nextWake(now).orElse(now.nanos() + TimeSource.FOREVER_NANOS);
		return this.slots.nextOverdue(this.keys.nextWake(latest));
	}

	/** Keys that somebody waits for though nothing is to become of it: never any. */
	List<String> stranded() {
		return this.keys.stranded();
	}

	/** Whether a key stays here though nobody has a guard of it. */
	boolean lingers() {
		return this.keys.linger();
	}

	/** What is to be told of it: reading changes nothing. */
	LeaseKeeper lease() {
		return this.lease;
	}

	/** The same of its keys. */
	Keys keys() {
		return this.keys;
	}

	private void ofGuard(Holding hold, Consumer<Key> event, Instants now) {
		Key key = hold.grant().key;
		handle(now, () -> this.keys.happened(key, () -> event.accept(key), now));
	}

	private void tell(Call call, Answer answer, Instants now) {
		if (call.slot() == Slot.LEASE) {
			this.lease.answered(call, answer, now);
		}
		else {
			this.keys.answered(call, answer, now);
		}
	}

	private void handle(Instants now, Runnable event) {
		this.lease.pass(now);
		event.run();
		this.slots.drop(now).forEach((call) -> tell(call, Answer.NoAnswer.inTime(call), now));
		this.keys.pass(now);
		this.lease.dispatch(now);
		this.keys.dispatch(now);
		if (this.leaseEnded && !this.stopped && this.keys.isQuiet()) {
			this.stopped = true;
			emit(new Effect.Stopped());
		}
	}

	private void emit(Effect effect) {
		this.effects.add(effect);
	}

	private final class LeaseEvents implements LeaseKeeper.Events {

		@Override
		public void opened(Instants now) {
			LeaseMachine.this.keys.leaseOpened(now);
		}

		@Override
		public void lost(LeaseTerm term, String reason, Instants now) {
			List<Holding> guards = LeaseMachine.this.keys.leaseLost(term, reason, now);
			emit(new Effect.LeaseLost(term.id(), reason, guards));
		}

		@Override
		public void openingFailed(LockStoreException failure, Instants now) {
			LeaseMachine.this.keys.openingFailed(failure, now);
		}

		@Override
		public void beat(Instants now) {
			LeaseMachine.this.keys.beat();
		}

		@Override
		public void kept(LeaseStore.Kept kept, boolean clockSetBack, Instants now) {
			LeaseMachine.this.keys.leaseKept(kept, clockSetBack, now);
		}

		@Override
		public void stopped() {
			LeaseMachine.this.leaseEnded = true;
		}

	}

}
