package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.AttemptingLockManager;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.engine.HeldLock;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Guards.CommitStart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a {@link LeaseMachine}: feeds it one event at a time under one lock, has its
 * commands run on two lanes and delivers what it says outside the lock. One more thread
 * only lets time pass; it does no I/O, so that a loss is told in time whatever the store
 * does.
 */
final class MachineShell {

	private static final Logger logger = LoggerFactory.getLogger(MachineShell.class);

	private interface Event {

		void happen(LeaseMachine machine, Instants now);

	}

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition earlierWake = this.lock.newCondition();

	private static final int GUARDS_SHOWN = 20;

	private static final String ADVICE = "Others may work under these keys from now on: what was done under a lost key "
			+ "must be treated as done without a lock, unless a fenced commit covered it. Look for long pauses of this "
			+ "process (garbage collection, suspension, no CPU) and for a slow or unreachable database";

	private final LeaseMachine machine;

	private final LeaseStore store;

	private final TimeSource time;

	private final long longestSleepNanos;

	private final LockListener listener;

	private final Lane leaseLane;

	private final Lane keyLane;

	private final Thread timer;

	private final CountDownLatch stopped = new CountDownLatch(1);

	private final Map<LockAttempt, Waiter> waiters = new HashMap<>();

	private long wakeAtNanos;

	private boolean stopping;

	/**
	 * Creates the shell.
	 * @param longestSleep after which time is let pass in any case: a machine that slept
	 * wakes with the monotonic clock unmoved, and must look at the wall clock soon
	 */
	MachineShell(LeaseMachine machine, LeaseStore store, TimeSource time, Duration longestSleep,
			LockListener listener) {
		this.machine = machine;
		this.store = store;
		this.time = time;
		this.longestSleepNanos = longestSleep.toNanos();
		this.listener = listener;
		this.leaseLane = new Lane("cross-process-lock-lease", store);
		this.keyLane = new Lane("cross-process-lock-keys", store);
		this.timer = EngineThreads.daemon("cross-process-lock-timer", this::letTimePass);
		this.wakeAtNanos = time.nanos();
	}

	void start() {
		this.timer.start();
	}

	/** Answers whether the attempt was taken in, which it is not after a stop. */
	boolean requested(LockAttempt attempt) {
		boolean[] taken = { false };
		handle((state, now) -> {
			if (!this.stopping) {
				taken[0] = true;
				Waiter waiter = new Waiter(attempt);
				this.waiters.put(attempt, waiter);
				state.requested(waiter, now);
			}
		});
		return taken[0];
	}

	void abandoned(LockAttempt attempt) {
		handle((state, now) -> {
			Waiter waiter = this.waiters.remove(attempt);
			if (waiter != null) {
				state.abandoned(waiter, now);
			}
		});
	}

	void closed(Hold hold) {
		handle((state, now) -> state.closed(hold, now));
	}

	/** Puts the guard into commit, unless it is closed or lost. */
	CommitStart commitBegun(Hold hold) {
		CommitStart[] start = { CommitStart.LOST };
		handle((state, now) -> start[0] = state.commitBegun(hold, now));
		return start[0];
	}

	void commitEnded(Hold hold, boolean known) {
		handle((state, now) -> state.commitEnded(hold, known, now));
	}

	void taken(Hold hold, String reason) {
		logger.warn("Key '{}' (fencing token {}) is lost: {}. {}", hold.grant().key.key, hold.token(), reason, ADVICE);
		handle((state, now) -> state.taken(hold, reason, now));
		// also where the machine had given it up before
		guardOf(hold).lose(reason);
	}

	boolean isOn(LeaseStore store) {
		return this.store == store;
	}

	void clearDirty(Hold hold) {
		handle((state, now) -> state.clearDirty(hold, now));
	}

	/** Stops everything. Answers whether the store was told within the time. */
	boolean stop(Duration wait) {
		handle((state, now) -> {
			this.stopping = true;
			state.stop(now);
		});
		boolean interrupted = false;
		try {
			long until = TimeSource.SYSTEM.nanos() + wait.toNanos();
			while (true) {
				try {
					return this.stopped.await(until - TimeSource.SYSTEM.nanos(), TimeUnit.NANOSECONDS);
				}
				catch (InterruptedException ex) {
					interrupted = true;
				}
			}
		}
		finally {
			if (interrupted) {
				Thread.currentThread().interrupt();
			}
		}
	}

	private void letTimePass() {
		while (this.stopped.getCount() > 0) {
			this.lock.lock();
			try {
				long sleep = Math.min(this.wakeAtNanos - this.time.nanos(), this.longestSleepNanos);
				if (sleep > 0) {
					long unused = this.earlierWake.awaitNanos(sleep);
				}
			}
			catch (InterruptedException ex) {
				// nobody but the stop ends this thread: without it no loss is told
				logger.debug("The timer of the lease was interrupted", ex);
			}
			finally {
				this.lock.unlock();
			}
			handleGuarded(LeaseMachine::timePassed);
		}
	}

	private void handleGuarded(Event event) {
		try {
			handle(event);
		}
		catch (RuntimeException | Error ex) {
			// the thread must live on: the lease then runs out in time, which loses the
			// guards safely
			logger.error("The lease engine failed; please report this", ex);
		}
	}

	private void handle(Event event) {
		List<Effect> effects;
		this.lock.lock();
		try {
			Instants now = Instants.of(this.time);
			event.happen(this.machine, now);
			effects = this.machine.takeEffects();
			effects.forEach(this::prepare);
			long wake = this.machine.nextWake(now);
			if (wake - this.wakeAtNanos < 0) {
				this.earlierWake.signal();
			}
			this.wakeAtNanos = wake;
		}
		finally {
			this.lock.unlock();
		}
		// the store can work while the threads are woken that the answers are for
		effects.forEach(this::send);
		effects.forEach(this::deliver);
	}

	/**
	 * Under the lock, so that a loss that is found next already has the guard to tell.
	 */
	private void prepare(Effect effect) {
		if (effect instanceof Effect.OfWaiter end) {
			this.waiters.remove(attemptOf(end.waiter()));
		}
		if (effect instanceof Effect.Granted granted) {
			LeaseClaim claim = new LeaseClaim(granted.hold(), this, this.time);
			granted.hold().guard = attemptOf(granted.waiter()).hold(claim);
		}
	}

	private void send(Effect effect) {
		if (effect instanceof Effect.RunOnLease run) {
			this.leaseLane.run(run.command(),
					(answer) -> handleGuarded((state, now) -> state.leaseAnswered(answer, now)));
		}
		else if (effect instanceof Effect.RunOnKeys run) {
			this.keyLane.run(run.command(),
					(answer) -> handleGuarded((state, now) -> state.keysAnswered(run.command(), answer, now)));
		}
	}

	private void deliver(Effect effect) {
		if (effect instanceof Effect.Granted granted) {
			attemptOf(granted.waiter()).deliver(guardOf(granted.hold()));
		}
		else if (effect instanceof Effect.Busy busy) {
			attemptOf(busy.waiter()).busy(busy.holder());
		}
		else if (effect instanceof Effect.Failed failed) {
			attemptOf(failed.waiter()).failed(failed.failure());
		}
		else if (effect instanceof Effect.Rejected rejected) {
			attemptOf(rejected.waiter()).failed(AttemptingLockManager.closedException());
		}
		else if (effect instanceof Effect.Lost lost) {
			guardOf(lost.hold()).lose(lost.reason());
		}
		else if (effect instanceof Effect.Released released) {
			released.hold().released().complete(null);
		}
		else if (effect instanceof Effect.BackedOff backedOff) {
			this.listener.onBackoff(backedOff.pause());
		}
		else if (effect instanceof Effect.Renewed renewed) {
			this.listener.onRenewal(renewed.renewal());
		}
		else if (effect instanceof Effect.LeaseOpened opened) {
			logger.info("Lease {} is open", opened.leaseId());
			this.store.listen(opened.leaseId(), new Ear(opened.leaseId()));
		}
		else if (effect instanceof Effect.LeaseLost lost) {
			leaseLost(lost);
		}
		else if (effect instanceof Effect.Stopped) {
			this.stopped.countDown();
			this.leaseLane.close();
			this.keyLane.close();
		}
	}

	private void leaseLost(Effect.LeaseLost lost) {
		if (this.stopping) {
			logger.info("Lease {} is given up, with {} open guards", lost.leaseId(), lost.guards().size());
			return;
		}
		logger.warn("Lease {} is lost: {}. {}. A new lease is being opened. {}", lost.leaseId(), lost.reason(),
				lostWith(lost.guards()), ADVICE);
		this.listener.onLeaseLost(lost.reason());
	}

	private static String lostWith(List<Hold> guards) {
		if (guards.isEmpty()) {
			return "No key was held";
		}
		String shown = guards.stream()
			.limit(GUARDS_SHOWN)
			.map((hold) -> "'" + hold.grant().key.key + "' (fencing token " + hold.token() + ")")
			.collect(Collectors.joining(", "));
		int more = guards.size() - GUARDS_SHOWN;
		return "Lost with it: " + shown + ((more > 0) ? " and " + more + " more" : "");
	}

	/** Hears for one lease. */
	private final class Ear implements NoticeReceiver {

		private final String leaseId;

		Ear(String leaseId) {
			this.leaseId = leaseId;
		}

		@Override
		public void listening(boolean works) {
			handleGuarded((state, now) -> state.listening(this.leaseId, works, now));
		}

		@Override
		public void receive(Notice notice) {
			handleGuarded((state, now) -> state.noticed(notice, now));
		}

	}

	private static LockAttempt attemptOf(Waiter waiter) {
		return Objects.requireNonNull(waiter.attempt());
	}

	private static HeldLock guardOf(Hold hold) {
		return Objects.requireNonNull(hold.guard);
	}

}
