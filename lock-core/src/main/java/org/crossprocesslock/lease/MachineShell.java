package org.crossprocesslock.lease;

import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.RepeatedFault;
import org.crossprocesslock.engine.StackRoom;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Call.Slot;
import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseMachine.CommitStart;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link LeaseMachine}: feeds it one event at a time under one lock, has its
 * commands run by others and delivers what it says. Whatever is thrown where, each
 * request gets its end and each loss is told: what cannot be sent counts as not answered,
 * what is delivered to one is no concern of the next, and a machine that has thrown is
 * ended, with its guards and requests, and another takes its place.
 */
final class MachineShell {

	private static final Logger logger = LoggerFactory.getLogger(MachineShell.class);

	/** Reads what is there at one moment, and changes nothing. */
	interface Reading<T> {

		/**
		 * Reads.
		 * @param machine absent while one that has thrown is replaced
		 * @param holds what was granted and not yet released, the oldest first
		 * @param requests how many wait
		 */
		T read(@Nullable LeaseMachine machine, Set<Holding> holds, int requests, Instants now);

	}

	private interface Event {

		void happen(LeaseMachine machine, Instants now);

	}

	private static final long PAUSE_AFTER_FAILURE_NANOS = 100_000_000L;

	private final RepeatedFault sendFailures = new RepeatedFault();

	private final ReentrantLock lock = new ReentrantLock();

	private final Supplier<LeaseMachine> machines;

	private final LeaseStore store;

	private final TimeSource time;

	private final LockListener listener;

	private final Calls leaseCalls;

	private final Calls keyCalls;

	private final Deliveries deliveries;

	private final Runnable wakeEarlier;

	private final CountDownLatch stopped = new CountDownLatch(1);

	/** Changed under the lock, looked at without it. */
	private final Map<LockAttempt, Waiter> waiters = new ConcurrentHashMap<>();

	/** What the machine has granted and not yet said to be released. */
	private final Set<Holding> holds = new LinkedHashSet<>();

	/** Commands of the machine that could not be sent. */
	private final Deque<Call> unsent = new ConcurrentLinkedDeque<>();

	/** Absent from when one has thrown until its end is told. */
	private volatile @Nullable LeaseMachine machine;

	/** Why the last machine has ended. */
	private volatile @Nullable Throwable failure;

	/** The lease that was opened last, or was to be. */
	private @Nullable String lastLeaseId;

	/** The lease that is open, if it was not lost meanwhile. */
	private volatile @Nullable String openLeaseId;

	private final ReentrantLock listening = new ReentrantLock();

	private @Nullable String listensFor;

	private volatile long wakeAtNanos;

	private volatile boolean stopping;

	/**
	 * Creates the shell.
	 * @param machines makes the machine, and another if one has thrown
	 * @param wakeEarlier has {@link #pass} called soon; must not block
	 */
	MachineShell(Supplier<LeaseMachine> machines, LeaseStore store, TimeSource time, Calls leaseCalls, Calls keyCalls,
			LockListener listener, Deliveries deliveries, Runnable wakeEarlier) {
		this.machines = machines;
		this.machine = machines.get();
		this.store = store;
		this.time = time;
		this.leaseCalls = leaseCalls;
		this.keyCalls = keyCalls;
		this.listener = listener;
		this.deliveries = deliveries;
		this.wakeEarlier = wakeEarlier;
		this.wakeAtNanos = time.nanos();
	}

	/** Answers whether the attempt was taken in, which it is not after a stop. */
	boolean requested(LockAttempt attempt) {
		boolean[] taken = { false };
		boolean happened = handle(null, (state, now) -> {
			if (!this.stopping) {
				taken[0] = true;
				Waiter waiter = new Waiter(attempt);
				this.waiters.put(attempt, waiter);
				state.requested(waiter, now);
			}
		});
		if (!happened && !this.stopping) {
			taken[0] = true;
			Deliveries.failed(attempt);
		}
		return taken[0];
	}

	void abandoned(LockAttempt attempt) {
		if (!this.waiters.containsKey(attempt)) {
			// a caller without room on its stack was not taken in, and has none for the
			// lock
			return;
		}
		boolean unused = begin(null, (state, now) -> {
			Waiter waiter = this.waiters.remove(attempt);
			if (waiter != null) {
				state.abandoned(waiter, now);
			}
		});
	}

	void closed(LeaseClaim claim) {
		ended(claim, (state, now) -> state.closed(claim.hold(), now));
	}

	/** Nobody has used the guard, or is to be hindered by it. */
	void givenBack(LeaseClaim claim) {
		ended(claim, (state, now) -> state.givenBack(claim.hold(), now));
	}

	private void ended(LeaseClaim claim, Event event) {
		if (!handle(claim.machine(), event)) {
			// its machine has ended, and with it the lease: there is nothing to release
			claim.hold().released().complete(null);
		}
	}

	/** Puts the guard into commit, unless it is closed or lost. */
	CommitStart commitBegun(LeaseClaim claim) {
		CommitStart[] start = { CommitStart.LOST };
		boolean unused = begin(claim.machine(), (state, now) -> start[0] = state.commitBegun(claim.hold(), now));
		return start[0];
	}

	void commitEnded(LeaseClaim claim, boolean known) {
		Holding hold = claim.hold();
		boolean unused = handle(claim.machine(), (state, now) -> {
			state.commitEnded(hold, known, now);
			if (hold.closed && !hold.isInCommit()) {
				this.holds.remove(hold);
			}
		});
	}

	void taken(LeaseClaim claim, String reason) {
		Holding hold = claim.hold();
		boolean unused = handle(claim.machine(), (state, now) -> state.taken(hold, reason, now));
		this.deliveries.deliverTaken(hold, reason);
	}

	/** Takes a key from its guards; answers whether it was held under the token. */
	boolean takeAway(String key, long token) {
		boolean[] taken = { false };
		boolean unused = begin(null, (state, now) -> taken[0] = state.takeAway(key, token, now));
		return taken[0];
	}

	boolean isOn(LeaseStore store) {
		return this.store == store;
	}

	void clearDirty(LeaseClaim claim) {
		boolean unused = begin(claim.machine(), (state, now) -> state.clearDirty(claim.hold(), now));
	}

	/** Reads under the lock, so it must be quick. */
	<T> T read(Reading<T> reading) {
		StackRoom.requireToEnd();
		this.lock.lock();
		try {
			return reading.read(this.machine, this.holds, this.waiters.size(), Instants.of(this.time));
		}
		finally {
			this.lock.unlock();
		}
	}

	/** Begins to stop everything, unless that has begun before. */
	void stop() {
		boolean happened = handle(null, (state, now) -> {
			this.stopping = true;
			state.stop(now);
		});
		if (!happened) {
			this.stopping = true;
			this.stopped.countDown();
		}
	}

	boolean isStopping() {
		return this.stopping;
	}

	/** Opened when nothing is left to be told to the store. */
	CountDownLatch stopped() {
		return this.stopped;
	}

	/**
	 * Lets time pass and mends what has failed. To be called when the time is over that
	 * the last call has answered, and whenever this shell asks for it. Does no I/O, so
	 * that a loss is told in time whatever the store does, and throws nothing.
	 * @return for how many nanoseconds nothing is due
	 */
	long pass() {
		try {
			boolean passed = handle(null, LeaseMachine::timePassed);
			if (!passed) {
				replaceMachine();
			}
			answerUnsent();
			return this.wakeAtNanos - this.time.nanos();
		}
		catch (Throwable ex) {
			this.deliveries.timeNotPassed(ex);
			return PAUSE_AFTER_FAILURE_NANOS;
		}
	}

	/**
	 * Has an event happen to a machine, which is the present one if none is named.
	 * Answers whether it has: not if that machine has ended, or has now.
	 */
	private boolean handle(@Nullable LeaseMachine whose, Event event) {
		List<Effect> effects = List.of();
		this.lock.lock();
		try {
			LeaseMachine current = this.machine;
			if (current == null || (whose != null && whose != current)) {
				return false;
			}
			Instants now = Instants.of(this.time);
			event.happen(current, now);
			effects = current.takeEffects();
			effects.forEach((effect) -> settle(current, effect));
			long wake = current.nextWake(now);
			boolean earlier = wake - this.wakeAtNanos < 0;
			this.wakeAtNanos = wake;
			if (earlier || !this.unsent.isEmpty()) {
				this.wakeEarlier.run();
			}
		}
		catch (Throwable ex) {
			// nobody knows what state it is in; what hung on it is ended by the next pass
			this.machine = null;
			this.failure = ex;
			effects.forEach(this::unsettle);
			this.wakeEarlier.run();
			return false;
		}
		finally {
			this.lock.unlock();
		}
		this.deliveries.deliver(effects, this);
		return true;
	}

	/**
	 * The same for an event before which a caller has changed nothing. Events that end
	 * what was begun must not fail for want of room on a stack: they asked for it before
	 * the first change.
	 */
	private boolean begin(@Nullable LeaseMachine whose, Event event) {
		StackRoom.requireToEnd();
		return handle(whose, event);
	}

	/**
	 * Does under the lock what must happen in the order of events, or before the next
	 * event. Nothing here blocks.
	 */
	private void settle(LeaseMachine current, Effect effect) {
		if (effect instanceof Effect.Run run) {
			if (run.call().command() instanceof Command.Open open) {
				this.lastLeaseId = open.leaseId();
			}
			send(current, run.call());
		}
		else if (effect instanceof Effect.Dropped dropped) {
			callsOf(dropped.call()).abandon(dropped.call().command());
		}
		else if (effect instanceof Effect.OfWaiter end) {
			this.waiters.remove(end.waiter().told());
			if (effect instanceof Effect.Granted granted) {
				LeaseClaim claim = new LeaseClaim(granted.hold(), this, current, this.time);
				granted.hold().guard = granted.waiter().told().hold(claim);
				this.holds.add(granted.hold());
			}
		}
		else if (effect instanceof Effect.Released released) {
			// closed in commit: nobody waits for it, but the key is held until that is
			// over
			if (!released.hold().isInCommit()) {
				this.holds.remove(released.hold());
			}
		}
		else if (effect instanceof Effect.Lost lost) {
			lost.hold().told().lose(lost.reason());
		}
		else if (effect instanceof Effect.BackedOff backedOff) {
			this.listener.onBackoff(backedOff.pause());
		}
		else if (effect instanceof Effect.Renewed renewed) {
			this.listener.onRenewal(renewed.renewal());
		}
		else if (effect instanceof Effect.LeaseOpened opened) {
			this.openLeaseId = opened.leaseId();
		}
		else if (effect instanceof Effect.LeaseLost lost && !this.stopping) {
			this.listener.onLeaseLost(lost.reason());
		}
	}

	/**
	 * What was not delivered is not over: who waits for it hangs on the machine still.
	 */
	private void unsettle(Effect effect) {
		if (effect instanceof Effect.OfWaiter end) {
			this.waiters.put(end.waiter().told(), end.waiter());
		}
		else if (effect instanceof Effect.Released released) {
			this.holds.add(released.hold());
		}
	}

	private Calls callsOf(Call call) {
		return (call.slot() == Slot.LEASE) ? this.leaseCalls : this.keyCalls;
	}

	private void send(LeaseMachine current, Call call) {
		boolean sent = false;
		try {
			sent = callsOf(call).run(call.command(), (answer) -> answered(current, call, answer));
		}
		catch (Throwable ex) {
			this.sendFailures.happened((more) -> logger.debug("{} could not be sent{}", call, more, ex));
		}
		if (!sent) {
			this.unsent.add(call);
		}
	}

	private void answered(LeaseMachine whose, Call call, Answer answer) {
		boolean unused = handle(whose, (state, now) -> state.answered(call, answer, now));
	}

	/** What was not sent was not answered either. */
	private void answerUnsent() {
		LeaseMachine whose;
		List<Call> calls;
		this.lock.lock();
		try {
			whose = this.machine;
			calls = List.copyOf(this.unsent);
			this.unsent.clear();
		}
		finally {
			this.lock.unlock();
		}
		if (whose != null) {
			calls.forEach((call) -> answered(whose, call, new Answer.NoAnswer(notSent())));
		}
	}

	private static LockStoreException notSent() {
		return new LockStoreException("there is no thread to ask the lock store",
				new IllegalStateException("the host has no thread to give, or too many calls of the store hang"),
				false);
	}

	/** For the newest lease, whichever of two openings comes here first. */
	void listen() {
		this.listening.lock();
		try {
			String leaseId = this.openLeaseId;
			LeaseMachine current = this.machine;
			if (leaseId != null && current != null && !leaseId.equals(this.listensFor)) {
				this.store.listen(leaseId, new Ear(current, leaseId));
				this.listensFor = leaseId;
			}
		}
		finally {
			this.listening.unlock();
		}
	}

	/** Ends what hung on a machine that has thrown, then makes another. */
	private void replaceMachine() {
		List<Holding> lost;
		List<LockAttempt> failed;
		this.lock.lock();
		try {
			if (this.machine != null) {
				return;
			}
			// first: should this throw, it is done again, and nobody is forgotten
			this.leaseCalls.abandonAll();
			this.keyCalls.abandonAll();
			lost = List.copyOf(this.holds);
			failed = List.copyOf(this.waiters.keySet());
			this.holds.clear();
			this.waiters.clear();
			this.unsent.clear();
		}
		finally {
			this.lock.unlock();
		}
		Throwable thrown = this.failure;
		if (thrown != null) {
			this.failure = null;
			this.deliveries.deliverFailure(thrown, this.openLeaseId, lost, failed, this.stopping);
		}
		if (this.stopping) {
			this.stopped.countDown();
			return;
		}
		this.listener.onLeaseLost(Deliveries.ENGINE_FAILED);
		// not before: others have the keys from the moment when the old lease is ended
		LeaseMachine next = this.machines.get();
		next.followsAnother();
		this.lock.lock();
		try {
			this.machine = next;
			this.wakeAtNanos = this.time.nanos();
		}
		finally {
			this.lock.unlock();
		}
		boolean unused = handle(next, (state, now) -> {
			if (this.lastLeaseId != null) {
				state.endLease(this.lastLeaseId, now);
			}
		});
	}

	/** Hears for one lease of one machine. */
	private final class Ear implements NoticeReceiver {

		private final LeaseMachine whose;

		private final String leaseId;

		Ear(LeaseMachine whose, String leaseId) {
			this.whose = whose;
			this.leaseId = leaseId;
		}

		@Override
		public void listening(boolean works) {
			boolean unused = handle(this.whose, (state, now) -> state.listening(this.leaseId, works, now));
		}

		@Override
		public void receive(Notice notice) {
			boolean unused = handle(this.whose, (state, now) -> state.noticed(notice, now));
		}

	}

}
