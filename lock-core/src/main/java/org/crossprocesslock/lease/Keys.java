package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.Key.Phase;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.Looked;
import org.jspecify.annotations.Nullable;

/**
 * All keys of this process: takes each event to its key, and then sees to what the key's
 * phase calls for. Pure; the rules' numbers are those of
 * {@code docs/internals/protocol.md}.
 */
final class Keys {

	final LeaseKeeper lease;

	final String holder;

	final StoreClock clock;

	final Watches watches = new Watches();

	final UnflushedReleases unflushed = new UnflushedReleases();

	private final LeaseOptions options;

	private final Slots slots;

	private final long answerLimitNanos;

	private final Pauses pauses;

	private final Agenda agenda;

	private final Schedule<Waiter> deadlines;

	private final Consumer<Effect> effects;

	private final KeyMemory memory;

	/** Those that somebody here waits for, in the order in which that began. */
	private final Set<Key> waitedFor = new LinkedHashSet<>();

	private boolean listening;

	/**
	 * The lease is so new that what is told to it may arrive, though nobody knows yet.
	 */
	private boolean mayListen;

	Keys(LeaseOptions options, String holder, LeaseKeeper lease, Slots slots, long answerLimitNanos, int worthAnother,
			int remembered, RandomGenerator random, Instants now, Consumer<Effect> effects) {
		this.options = options;
		this.holder = holder;
		this.lease = lease;
		this.clock = lease.clock();
		this.slots = slots;
		this.answerLimitNanos = answerLimitNanos;
		this.pauses = new Pauses(options, random);
		this.agenda = new Agenda(options, lease, slots, answerLimitNanos, worthAnother, random, now);
		this.deadlines = new Schedule<>(now.nanos());
		this.effects = effects;
		this.memory = new KeyMemory(this, remembered);
	}

	/** Another machine of this process may have held any key before. */
	void mayHaveHeldAll() {
		this.memory.forgotSome();
	}

	// events

	void requested(Waiter waiter, Instants now) {
		Key key = this.memory.use(waiter.key());
		key.requested(waiter, now);
		see(key, now);
	}

	void abandoned(Waiter waiter, Instants now) {
		Key key = this.memory.find(waiter.key());
		if (key != null) {
			key.abandoned(waiter, now);
			see(key, now);
		}
	}

	/** Something has happened to a guard. */
	void happened(Key key, Runnable event, Instants now) {
		event.run();
		see(key, now);
	}

	void leaseOpened(Instants now) {
		this.mayListen = true;
		for (Key key : this.memory.inUse()) {
			key.leaseOpened(now);
			see(key, now);
		}
	}

	/** Answers which guards were lost. */
	List<Holding> leaseLost(LeaseTerm term, String reason, Instants now) {
		this.listening = false;
		this.mayListen = false;
		List<Holding> lost = new ArrayList<>();
		for (Key key : this.memory.inUse()) {
			lost.addAll(key.leaseLost(term, reason));
			see(key, now);
		}
		this.unflushed.forgetAll();
		return lost;
	}

	void openingFailed(LockStoreException failure, Instants now) {
		for (Key key : this.memory.inUse()) {
			if (key.phase() == Phase.WANTED || key.phase() == Phase.REAPING) {
				key.failed(failure, now);
				see(key, now);
			}
		}
	}

	/** Keys in doubt are looked at with every heartbeat. */
	void beat() {
		this.mayListen = false;
		this.unflushed.renewalSent();
		this.agenda.lookAtDoubts();
	}

	/** The lease was opened or renewed by a call that was sent then. */
	void leaseKept(LeaseStore.Kept kept, boolean clockSetBack, Instants now) {
		this.pauses.leases(kept.leases());
		LeaseTerm term = this.lease.open();
		if (term == null) {
			return;
		}
		// what was released is in doubt if the store may have crashed since
		List<Key> doubtful = new ArrayList<>(
				this.unflushed.kept(kept.session()).stream().map(this.memory::use).toList());
		if (clockSetBack) {
			doubtful.addAll(lateAgain());
		}
		doubt(doubtful, term, now);
	}

	/** Keys whose acquire was too late by a clock of the store that was set back. */
	private List<Key> lateAgain() {
		return this.memory.all().stream().filter((key) -> key.row.comesAgain()).toList();
	}

	private void doubt(List<Key> doubtful, LeaseTerm term, Instants now) {
		for (Key key : doubtful) {
			key.row.doubt(term.id(), now);
			see(key, now);
		}
		if (!doubtful.isEmpty()) {
			this.agenda.lookAtDoubts();
		}
	}

	/** What is told to the lease arrives, or does not any more. */
	void listening(String leaseId, boolean works, Instants now) {
		if (this.lease.isOpen(leaseId) && this.listening != works) {
			this.listening = works;
			for (Key key : this.memory.inUse()) {
				if (!works) {
					key.deafened(now);
				}
				see(key, now);
			}
		}
	}

	void noticed(Notice notice, Instants now) {
		if (!this.lease.isOpen(notice.to())) {
			return;
		}
		Key key = this.memory.find(notice.key());
		if (key == null) {
			tell(Line.free(notice.key(), notice.waiting(), this.lease));
			return;
		}
		key.line.add(notice.waiting());
		if (notice.kind() == Notice.Kind.FREE) {
			key.called(now);
		}
		see(key, now);
	}

	void stop(Instants now) {
		for (Key key : this.memory.inUse()) {
			key.rejectAll();
			key.guards.giveUpIfIdle(now);
			see(key, now);
		}
	}

	void pass(Instants now) {
		for (Waiter waiter : this.deadlines.takeDue(now.nanos())) {
			Key key = this.memory.use(waiter.key());
			key.expired(waiter, now);
			see(key, now);
		}
		this.agenda.closersOver(now).forEach((key) -> {
			key.row.letCloserGo();
			see(key, now);
		});
		for (Key key : this.agenda.lingeringOver(now)) {
			see(key, now);
		}
	}

	void answered(Call call, Answer answer, Instants now) {
		LockStoreException failure = (answer instanceof Answer.NoAnswer none) ? none.failure() : null;
		Command command = call.command();
		if (command instanceof Command.Release release) {
			Set<String> locked = (answer instanceof Answer.Freed freed) ? freed.lockedKeys() : Set.of();
			release.orders().forEach((order) -> {
				Key key = this.memory.use(order.key());
				key.released(locked.contains(order.key()), failure, now);
				see(key, now);
			});
			if (this.unflushed.areMany()) {
				this.lease.renewSoon(now);
			}
		}
		else if (command instanceof Command.Acquire acquire) {
			acquired(acquire, answer, failure, now);
		}
		else if (command instanceof Command.Reap reap) {
			this.agenda.reaped();
			boolean dead = answer instanceof Answer.Found row && row.found();
			for (Key key : this.memory.inUse()) {
				if (key.reap() != null && reap.leaseId().equals(key.reap().leaseId())) {
					key.reaped(dead, failure, now);
					see(key, now);
				}
			}
		}
		else if (command instanceof Command.Purge && answer instanceof Answer.Found more && more.found()) {
			this.agenda.purgeAgain(now);
		}
		else if (command instanceof Command.Look && answer instanceof Answer.Looked found) {
			looked(found.looked(), call.sent(), now);
		}
	}

	private void looked(Looked looked, Instants sent, Instants now) {
		// what ends doubts is remembered, or nobody would notice that it was set back
		boolean clockSetBack = this.clock.heard(looked.clock(), sent, now);
		for (KeyLook look : looked.keys()) {
			Key key = this.memory.use(look.key());
			key.looked(look, looked.clock(), sent, now);
			see(key, now);
		}
		LeaseTerm term = this.lease.open();
		if (clockSetBack && term != null) {
			doubt(lateAgain(), term, now);
		}
	}

	private void acquired(Command.Acquire acquire, Answer answer, @Nullable LockStoreException failure, Instants now) {
		Map<String, AcquireResult> results = new HashMap<>();
		if (answer instanceof Answer.Acquired acquired) {
			acquired.results().forEach((result) -> results.put(result.key(), result));
		}
		for (AcquireOrder order : acquire.orders()) {
			Key key = this.memory.use(order.key());
			key.acquired(acquire, order, results.get(order.key()), failure, now);
			see(key, now);
		}
	}

	/** Sees to what the key's phase calls for, after whatever has happened to it. */
	private void see(Key key, Instants now) {
		key.guards.pass(now);
		if (key.waiters.isEmpty()) {
			this.waitedFor.remove(key);
		}
		else {
			this.waitedFor.add(key);
		}
		if (key.mustPassOn()) {
			key.passOn(now);
		}
		Phase phase = key.phase();
		boolean unused = key.isUnused();
		if (unused) {
			key.rests();
		}
		this.memory.seen(key, unused);
		this.agenda.put(key, phase);
	}

	/** No release is on its way any more, nor an acquire that could call for one. */
	boolean isQuiet() {
		return this.slots.haveNoKeys() && !this.agenda.hasReleases();
	}

	void dispatch(Instants now) {
		this.agenda.dispatch(now);
	}

	long nextWake(long latest) {
		return Schedule.earlier(this.agenda.nextWake(latest), this.deadlines.next().orElse(latest));
	}

	/**
	 * Those that somebody waits for though nothing is to become of it: there must never
	 * be any.
	 */
	List<String> stranded() {
		return this.memory.inUse().stream().filter((key) -> !this.agenda.seesTo(key)).map((key) -> key.name).toList();
	}

	/** Those that somebody here waits for, up to the number given. */
	List<Key> waitedFor(int most) {
		return this.waitedFor.stream().limit(most).toList();
	}

	/** Those that linger, up to the number given. */
	List<Key> lingering(int most) {
		return this.agenda.lingering(most);
	}

	@Nullable Key find(String key) {
		return this.memory.find(key);
	}

	boolean linger() {
		return this.memory.inUse().stream().anyMatch((key) -> key.phase() == Phase.LINGERING);
	}

	// for a key

	void emit(Effect effect) {
		this.effects.accept(effect);
	}

	void deadline(Waiter waiter, long nanos, Instants now) {
		if (nanos < TimeSource.FOREVER_NANOS) {
			this.deadlines.set(waiter, now.nanos() + nanos);
		}
	}

	void noDeadline(Waiter waiter) {
		this.deadlines.cancel(waiter);
	}

	void tell(@Nullable Notice notice) {
		if (notice != null) {
			this.agenda.tell(notice);
		}
	}

	/** For how long an answer is waited for. */
	long answerNanos() {
		return this.slots.answerNanos();
	}

	boolean isListening() {
		return this.listening;
	}

	/** Whether somebody who is told that this process waits can tell it something. */
	boolean mayBeTold() {
		return this.listening || this.mayListen;
	}

	long lingerNanos() {
		return this.options.linger().toNanos();
	}

	/** In which those who only look find the key free at some time. */
	long turnOfThoseWhoLook(long stoodStillNanos) {
		return this.pauses.turnOfThoseWhoLook(stoodStillNanos);
	}

	/** After how long a holder is told again who waits. */
	long untilToldAgain() {
		return this.pauses.untilToldAgain();
	}

	/** Rows are locked for as long as it takes: nobody waits for that. */
	long pauseAtLockedRow(int times) {
		return Backoff.pause(this.options.initialBackoff(), this.options.maxBackoff(), times);
	}

	/** For how long a statement may run. */
	long answerLimitNanos() {
		return this.answerLimitNanos;
	}

	/**
	 * Answers for how long to leave a key alone.
	 * @param most no longer than that, unless this process will be called
	 */
	long pause(int step, Line line, long most, Instants now) {
		long pause;
		if (line.isCalled()) {
			pause = Math.min(this.pauses.between(step), most);
		}
		else {
			OptionalLong next = this.agenda.untilNextAttempt(now);
			pause = (line.willCall() && this.listening) ? this.pauses.untilCalled(line.stoodNanos(), next)
					: Math.min(this.pauses.next(step, next), most);
		}
		emit(new Effect.BackedOff(Duration.ofNanos(pause)));
		return pause;
	}

	/**
	 * A long one, but not past the moment at which the key is free: none has it before.
	 */
	long pauseWhileKept(long keptNanos) {
		long pause = Math.min(this.pauses.longest(), keptNanos + Duration.ofMillis(1).toNanos());
		emit(new Effect.BackedOff(Duration.ofNanos(pause)));
		return pause;
	}

}
