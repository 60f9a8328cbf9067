package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.crossprocesslock.LeaseReport;
import org.crossprocesslock.LockListener.Renewal;
import org.crossprocesslock.LockReport.Status;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.Backoff;
import org.crossprocesslock.lease.Call.Slot;
import org.crossprocesslock.lease.Command.Answer;
import org.jspecify.annotations.Nullable;

/**
 * Opens, renews and ends the lease of this process: rules 1 to 6 of the protocol. Pure;
 * the rules' numbers are those of {@code docs/internals/protocol.md}.
 */
final class LeaseKeeper {

	/** What the keeper tells about the lease. */
	interface Events {

		/** The lease is open: keys may be asked for. */
		void opened(Instants now);

		/** The lease is over, and with it all that hangs on it. */
		void lost(LeaseTerm term, String reason, Instants now);

		/** No lease could be opened; it will be tried again. */
		void openingFailed(LockStoreException failure, Instants now);

		/** A heartbeat went by: a renewal is sent. */
		void beat(Instants now);

		/** The lease was opened or just renewed. */
		void kept(LeaseStore.Kept kept, boolean clockSetBack, Instants now);

		/** The last lease has been ended or given up. */
		void stopped();

	}

	/** Between openings that nobody waits for, where only a change elsewhere can help. */
	private static final Duration LONGEST_UNASKED_PAUSE = Duration.ofMinutes(1);

	private final LeaseOptions options;

	private final String holder;

	private final Supplier<UUID> ids;

	private final Slots slots;

	private final StoreClock clock = new StoreClock();

	private final Consumer<Effect> effects;

	private final Events events;

	private final Deque<String> toEnd = new ArrayDeque<>();

	/**
	 * Every lease this process has ever had: what they held was held by this process. One
	 * whose opening was not answered never held anything.
	 */
	private final Set<String> ownIds = new HashSet<>();

	/** The lease that is being ended. */
	private @Nullable String ending;

	private boolean predecessorsEnded;

	private @Nullable LeaseTerm term;

	/** The lease that is open or was the last. */
	private @Nullable LeaseTerm last;

	/** Why there is no lease, as far as something has failed. */
	private @Nullable String problem;

	/** Since when there is a lease, or none. */
	private long changedNanos;

	private long nextOpening;

	/** When a request may have it instead, if that is earlier. */
	private long nextWantedOpening;

	private int failedOpenings;

	private long nextRenewal;

	private boolean stopping;

	private boolean stopped;

	LeaseKeeper(LeaseOptions options, String holder, Supplier<UUID> ids, Instants now, Slots slots,
			Consumer<Effect> effects, Events events) {
		this.options = options;
		this.holder = holder;
		this.predecessorsEnded = options.holderName() == null;
		this.ids = ids;
		this.effects = effects;
		this.events = events;
		this.slots = slots;
		this.nextOpening = now.nanos();
		this.nextWantedOpening = now.nanos();
		this.changedNanos = now.nanos();
	}

	/** The lease under which keys may be asked for, {@code null} while there is none. */
	@Nullable LeaseTerm open() {
		return this.term;
	}

	/** Whether keys may be asked for under this very lease. */
	boolean isOpen(@Nullable String leaseId) {
		return this.term != null && this.term.id().equals(leaseId);
	}

	/** The store's clock, as far as it is known. */
	StoreClock clock() {
		return this.clock;
	}

	boolean isOwn(String leaseId) {
		return this.ownIds.contains(leaseId);
	}

	void pass(Instants now) {
		LeaseTerm current = this.term;
		if (current != null && !current.isHeld(now)) {
			lose(current, null, now);
		}
	}

	/** Somebody asks for a key. */
	void wanted() {
		if (this.nextOpening - this.nextWantedOpening > 0) {
			this.nextOpening = this.nextWantedOpening;
		}
	}

	/** Somebody cannot wait for the pause after a failed opening. */
	void hurry(Instants now) {
		this.nextOpening = now.nanos();
	}

	/** The next renewal is wanted sooner. */
	void renewSoon(Instants now) {
		this.nextRenewal = now.nanos();
	}

	/** Deletes an own lease row that a look has found still there. */
	void endAgain(String leaseId) {
		if (!leaseId.equals(this.ending) && !this.toEnd.contains(leaseId)) {
			this.toEnd.add(leaseId);
		}
	}

	void stop(Instants now) {
		this.stopping = true;
		this.changedNanos = now.nanos();
		LeaseTerm current = this.term;
		if (current != null) {
			lose(current, "the lock manager was closed", now);
		}
	}

	Status status(Instants now) {
		if (this.stopping) {
			return Status.CLOSED;
		}
		if (this.term != null && this.term.isHeld(now)) {
			return Status.OPEN;
		}
		return (this.last != null) ? Status.LOST : Status.OPENING;
	}

	/** For how long it has had this status. */
	Duration statusFor(Instants now) {
		boolean over = this.term != null && !this.term.isHeld(now);
		return over ? Duration.ZERO : Duration.ofNanos(now.nanos() - this.changedNanos);
	}

	/** Why there is no lease, {@code null} if there is one or nothing has failed. */
	@Nullable String problem(Instants now) {
		LeaseTerm current = this.term;
		return (current != null && !current.isHeld(now)) ? current.whyOver(now) : this.problem;
	}

	LeaseReport report(boolean listening, @Nullable Boolean ownConnections, Instants now) {
		LeaseTerm current = this.term;
		LeaseTerm latest = this.last;
		boolean open = current != null && current.isHeld(now);
		Duration renewedAgo = (latest != null) ? Duration.ofNanos(now.nanos() - latest.lastSentNanos()) : null;
		Duration remaining = (latest != null) ? Duration.ofNanos(latest.deadlineNanos(now.nanos()) - now.nanos())
				: null;
		return new LeaseReport(this.holder, (open && current != null) ? current.id() : null,
				this.options.leaseDuration(), renewedAgo, remaining, listening, ownConnections);
	}

	void dispatch(Instants now) {
		if (!this.slots.isFree(Slot.LEASE) || this.stopped) {
			return;
		}
		Command next = next(now);
		if (next != null) {
			this.slots.run(Slot.LEASE, next, now);
		}
		else if (this.stopping) {
			this.stopped = true;
			this.events.stopped();
		}
	}

	private @Nullable Command next(Instants now) {
		LeaseTerm current = this.term;
		// first, so that an old lease that cannot be ended does not cost the present one
		if (current != null && !now.isBefore(this.nextRenewal)) {
			this.nextRenewal = now.nanos() + this.options.renewInterval().toNanos();
			this.events.beat(now);
			return new Command.Renew(current.id());
		}
		if (!this.toEnd.isEmpty()) {
			this.ending = this.toEnd.remove();
			return new Command.End(this.ending);
		}
		boolean mayOpen = current == null && !this.stopping && !now.isBefore(this.nextOpening);
		return mayOpen ? opening() : null;
	}

	private Command opening() {
		if (!this.predecessorsEnded) {
			return new Command.TakeOver(this.holder);
		}
		return new Command.Open(this.ids.get().toString(), this.holder, this.options.leaseDuration());
	}

	OptionalLong nextWake(Instants now) {
		if (this.stopped) {
			return OptionalLong.empty();
		}
		LeaseTerm current = this.term;
		if (current == null) {
			return this.slots.isFree(Slot.LEASE) ? OptionalLong.of(this.nextOpening) : OptionalLong.empty();
		}
		long deadline = current.deadlineNanos(now.nanos());
		boolean renewalIsNext = this.slots.isFree(Slot.LEASE) && this.nextRenewal - deadline < 0;
		return OptionalLong.of(renewalIsNext ? this.nextRenewal : deadline);
	}

	void answered(Call call, Answer answer, Instants now) {
		Command command = call.command();
		this.ending = null;
		if (command instanceof Command.TakeOver) {
			takenOver(answer, now);
		}
		else if (command instanceof Command.Open open) {
			opened(open, call.sent(), answer, now);
		}
		else if (command instanceof Command.Renew renew) {
			renewed(renew, call.sent(), answer, now);
		}
	}

	private void takenOver(Answer answer, Instants now) {
		if (answer instanceof Answer.NoAnswer none) {
			openingFailed(none.failure(), now);
		}
		else {
			// once: a lease opened after a loss takes nothing over, or two processes of
			// one name
			// would end each other's leases for ever
			this.predecessorsEnded = true;
		}
	}

	// counted from before it was sent: never for longer here than in the store
	private void opened(Command.Open open, Instants sent, Answer answer, Instants now) {
		if (answer instanceof Answer.NoAnswer none) {
			// perhaps it was written, or will be: the id is given up, never inserted
			// twice
			this.toEnd.add(open.leaseId());
			openingFailed(none.failure(), now);
			return;
		}
		LeaseTerm opened = new LeaseTerm(open.leaseId(), open.duration(), sent);
		if (this.stopping || !opened.isHeld(now)) {
			this.toEnd.add(open.leaseId());
			return;
		}
		this.term = opened;
		this.last = opened;
		this.problem = null;
		this.changedNanos = now.nanos();
		this.ownIds.add(open.leaseId());
		this.failedOpenings = 0;
		this.nextRenewal = sent.nanos() + this.options.renewInterval().toNanos();
		this.effects.accept(new Effect.LeaseOpened(open.leaseId()));
		kept(answer, sent, now);
		this.events.opened(now);
	}

	private void openingFailed(LockStoreException failure, Instants now) {
		long longest = this.options.maxBackoff().toNanos();
		// logins that are refused again and again lock an account
		long unasked = failure.isPermanent() ? Math.max(longest, LONGEST_UNASKED_PAUSE.toNanos()) : longest;
		long pause = Backoff.pause(this.options.initialBackoff(), Duration.ofNanos(unasked), this.failedOpenings++);
		this.nextOpening = now.nanos() + pause;
		this.nextWantedOpening = now.nanos() + Math.min(pause, longest);
		this.problem = failure.getMessage();
		this.events.openingFailed(failure, now);
	}

	private void renewed(Command.Renew renew, Instants sent, Answer answer, Instants now) {
		boolean failed = answer instanceof Answer.NoAnswer;
		Renewal outcome = (answer instanceof Answer.Kept) ? Renewal.RENEWED : failed ? Renewal.FAILED : Renewal.GONE;
		this.effects.accept(new Effect.Renewed(outcome));
		LeaseTerm current = this.term;
		if (current == null || !current.id().equals(renew.leaseId())) {
			return;
		}
		if (answer instanceof Answer.Kept) {
			current.extend(sent);
			kept(answer, sent, now);
		}
		else if (!failed) {
			lose(current, "its lease was ended by another process or an operator", now);
		}
	}

	private void kept(Answer answer, Instants sent, Instants now) {
		if (answer instanceof Answer.Kept kept) {
			boolean setBack = this.clock.heard(kept.kept().clock(), sent, now);
			this.events.kept(kept.kept(), setBack, now);
		}
	}

	/** A reason of {@code null} is that its time is over. */
	private void lose(LeaseTerm lost, @Nullable String reason, Instants now) {
		lost.end(reason);
		this.term = null;
		this.toEnd.add(lost.id());
		this.nextOpening = now.nanos();
		this.problem = lost.whyOver(now);
		this.changedNanos = now.nanos();
		this.events.lost(lost, lost.whyOver(now), now);
	}

}
