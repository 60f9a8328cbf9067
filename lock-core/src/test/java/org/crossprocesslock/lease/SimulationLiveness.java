package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

import org.crossprocesslock.engine.HeldLock;
import org.crossprocesslock.engine.SimulatedEngine;

import org.crossprocesslock.lease.Invariant.Violation;

/**
 * Samples a {@link Simulation} and says what should have come true by now. The time that
 * a process is down, paused or cut off does not count.
 */
final class SimulationLiveness {

	static final Duration INTERVAL = Duration.ofMillis(50);

	/**
	 * A request that is over waits for at most these: the statement under way and those
	 * whose turn comes before its own, each as slow as it may be.
	 */
	private static final Duration LONGEST_OVERDUE = Simulation.ANSWER_LIMIT.multipliedBy(5);

	/** It never waits when nothing is asked of the store. */
	private static final Duration LONGEST_IDLE = INTERVAL.multipliedBy(2);

	/**
	 * Within this time after the row is free: a few looks at the longest pause, each of
	 * which may be slow or lost.
	 */
	private static final Duration FREE_ROW_LIMIT = Duration.ofSeconds(15);

	/**
	 * Within this time after nobody has a guard any more: until the lease has run out, or
	 * was seen unchanged for that long and a margin, and then as above.
	 */
	private static final Duration UNHELD_LIMIT = Duration.ofSeconds(30);

	/**
	 * Within this time a process finds a row that it left: heartbeats until no late
	 * statement can run any more, and a release, any of which may be slow or lost.
	 */
	private static final Duration LEAK_LIMIT = Duration.ofSeconds(20);

	/**
	 * Within this time whoever waits has told the holder again: the time after which it
	 * does, and some attempts, each of which may be slow or lost.
	 */
	private static final Duration TOLD_LIMIT = Pauses.TELL_AGAIN.multipliedBy(4);

	/** A thread of the library looks after what is left at least as often. */
	private static final Duration LONGEST_SLEEP = Duration.ofSeconds(2);

	/** Users are told within this time even if there are few threads to tell them. */
	private static final Duration LATEST_TOLD = Duration.ofSeconds(20);

	/** A close waits for one statement under way and its own. */
	private static final Duration LONGEST_CLOSE = Simulation.ANSWER_LIMIT.multipliedBy(3);

	/** The same for all, the listener and the slowest clock included. */
	private static final Duration LONGEST_STOP = Simulation.ANSWER_LIMIT.multipliedBy(3)
		.multipliedBy(10)
		.dividedBy(9)
		.plusMillis(1500);

	/** As many as there are statements about keys, and those whose calls hang. */
	private static final int MOST_CALLERS = 3 + Workers.MOST_STUCK;

	/** For the lease, and for as many statements about keys as there are at a time. */
	private static final int CALLERS_AT_PEACE = 4;

	private record Wish(SimulatedProcess process, int life, String key) {

	}

	private record Leak(SimulatedProcess process, String key, String leaseId) {

	}

	private record Overdue(Duration all, Duration idle) {

	}

	private final Simulation simulation;

	private final Map<Wish, Long> freeSince = new HashMap<>();

	private final Map<Wish, Long> unheldSince = new HashMap<>();

	/** Since when those who wait have not told the one who has the key. */
	private final Map<Wish, Long> untoldSince = new HashMap<>();

	private final Map<Leak, Long> leakedSince = new HashMap<>();

	private final Map<SimulatedRequest, Overdue> overdue = new HashMap<>();

	SimulationLiveness(Simulation simulation) {
		this.simulation = simulation;
	}

	/** To be called once in every interval. */
	void sample() {
		Duration lingers = this.simulation.longestLinger();
		for (SimulatedProcess process : this.simulation.processes) {
			for (String key : this.simulation.keys) {
				boolean waits = process.isWell() && process.callers.waitsFor(key)
						&& !this.simulation.invariants.isHeld(key) && !this.simulation.store.isFenced(key)
						&& !this.simulation.store.isKept(key);
				Wish wish = new Wish(process, process.life(), key);
				within(UNHELD_LIMIT.plus(lingers), this.unheldSince, wish, waits);
				within(FREE_ROW_LIMIT, this.freeSince, wish, waits && this.simulation.store.isFree(key));
				tellsTheHolder(wish);
				leaksNothing(process, key, lingers);
			}
			if (process.isUp() && !process.isHeldUp()) {
				endsItsWaiters(process);
				tellsItsUsers(process);
				endsItsCloses(process);
			}
			if (process.isUp()) {
				hasFewThreads(process);
			}
		}
	}

	/** All guards were closed long enough ago. */
	void nothingLingers() {
		for (SimulatedProcess process : this.simulation.processes) {
			if (process.isUp() && process.hasMachine() && process.machine().lingers()) {
				throw violation(Invariant.NO_LEAK, process.name + " still keeps a key that nobody has a guard of");
			}
		}
	}

	/** Something was told to another process, whether it arrives or not. */
	void told(Notice notice) {
		this.untoldSince.keySet()
			.removeIf((wish) -> wish.key().equals(notice.key()) && notice.from().equals(wish.process().leaseId()));
	}

	private void tellsTheHolder(Wish wish) {
		SimulatedProcess process = wish.process();
		String holder = this.simulation.store.leaseIdOf(wish.key());
		boolean due = process.isWell() && process.callers.hasTimeFor(wish.key()) && process.listens() && holder != null
				&& !holder.equals(process.leaseId()) && this.simulation.store.isAlive(holder);
		if (!due) {
			this.untoldSince.remove(wish);
		}
		else if (this.simulation.nanos()
				- this.untoldSince.computeIfAbsent(wish, (any) -> this.simulation.nanos()) > TOLD_LIMIT.toNanos()) {
			throw violation(Invariant.HOLDER_TOLD, process.name + " waits for " + wish.key()
					+ " and has not told the process that has it for " + TOLD_LIMIT);
		}
	}

	private void within(Duration limit, Map<Wish, Long> since, Wish wish, boolean waits) {
		if (!waits) {
			since.remove(wish);
			return;
		}
		Duration waited = Duration
			.ofNanos(this.simulation.nanos() - since.computeIfAbsent(wish, (any) -> this.simulation.nanos()));
		if (waited.compareTo(limit) > 0) {
			throw violation(Invariant.FREE_KEY_GRANTED,
					"nobody holds " + wish.key() + " and " + wish.process().name + " could have had it for " + waited);
		}
	}

	private void leaksNothing(SimulatedProcess process, String key, Duration lingers) {
		String leaseId = process.leaseId();
		boolean left = leaseId != null && leaseId.equals(this.simulation.store.leaseIdOf(key))
				&& !this.simulation.invariants.hasGuard(process, key) && !this.simulation.store.isFenced(key);
		Leak leak = new Leak(process, key, String.valueOf(leaseId));
		if (!left || !process.isWell()) {
			this.leakedSince.remove(leak);
			return;
		}
		long since = this.leakedSince.computeIfAbsent(leak, (any) -> this.simulation.nanos());
		if (this.simulation.nanos() - since > LEAK_LIMIT.plus(lingers).toNanos()) {
			throw leak(process, key);
		}
	}

	private void endsItsWaiters(SimulatedProcess process) {
		for (SimulatedRequest request : process.callers.overdue()) {
			Overdue before = this.overdue.getOrDefault(request, new Overdue(Duration.ZERO, Duration.ZERO));
			Overdue now = new Overdue(before.all().plus(INTERVAL),
					process.waitsForTheStore() ? Duration.ZERO : before.idle().plus(INTERVAL));
			this.overdue.put(request, now);
			if (now.all().compareTo(LONGEST_OVERDUE) > 0 || now.idle().compareTo(LONGEST_IDLE) > 0) {
				throw violation(Invariant.WAITER_ENDS, process.name + " still waits for " + request.key + " "
						+ now.all() + " after its time, " + now.idle() + " of it without asking the store");
			}
		}
	}

	private void tellsItsUsers(SimulatedProcess process) {
		Duration told = toldWithin();
		for (SimulatedRequest request : process.callers.untold()) {
			request.untold = request.untold.plus(INTERVAL);
			if (request.untold.compareTo(told) > 0) {
				throw violation(Invariant.WAITER_ENDS, process.name + " has not told for " + request.untold
						+ " what has become of a request for " + request.key);
			}
		}
		for (SimulatedRequest request : process.callers.open()) {
			boolean lost = request.lossesTold == 0 && !process.believes(request.hold());
			request.lossUntold = lost ? request.lossUntold.plus(INTERVAL) : Duration.ZERO;
			if (request.lossUntold.compareTo(told.plus(LONGEST_SLEEP)) > 0) {
				throw violation(Invariant.LOSS_TOLD, process.name + " has not told for " + request.lossUntold
						+ " that a guard of " + request.key + " is lost");
			}
		}
	}

	private Duration toldWithin() {
		Trouble trouble = this.simulation.trouble;
		return (trouble.noThread() > 0 || trouble.blocking() > 0) ? LATEST_TOLD : INTERVAL.multipliedBy(2);
	}

	private void endsItsCloses(SimulatedProcess process) {
		if (process.stoppingFor(INTERVAL).compareTo(LONGEST_STOP) > 0) {
			throw violation(Invariant.CLOSE_ENDS, process.name + " does not come to its end");
		}
		for (SimulatedRequest request : process.callers.closing()) {
			request.closing = request.closing.plus(INTERVAL);
			if (request.closing.compareTo(LONGEST_CLOSE) > 0) {
				throw violation(Invariant.CLOSE_ENDS,
						process.name + " has been closing a guard of " + request.key + " for " + request.closing);
			}
		}
	}

	private void hasFewThreads(SimulatedProcess process) {
		if (process.host().callers().values().stream().anyMatch((count) -> count > MOST_CALLERS)) {
			throw violation(Invariant.FEW_THREADS,
					process.name + " has " + process.host().callers() + " threads for calls of the store");
		}
	}

	/** What users were told about losses is all that they had to be told. */
	private void lossesAreTold(SimulatedProcess process) {
		int losses = 0;
		for (SimulatedRequest request : process.callers.takeGuards()) {
			HeldLock held = request.hold().told();
			int due = (SimulatedEngine.lostReason(held) != null) ? 1 : 0;
			losses += due;
			if (request.lossesTold != due) {
				throw violation(Invariant.LOSS_TOLD, process.name + " has told " + request.lossesTold
						+ " times that a guard of " + request.key + " is lost: " + SimulatedEngine.lostReason(held));
			}
		}
		process.listener().mustHaveHeardOf(losses);
		if (!process.listener().hasHeardAll()) {
			throw violation(Invariant.LISTENER_HEARS,
					"the listener of " + process.name + " misses something: " + process.listener());
		}
	}

	/** Everybody has closed everything and all statements have come to their end. */
	void allIsClosed() {
		for (SimulatedProcess process : this.simulation.processes) {
			if (process.callers.openGuards() > 0 || process.callers.isAtWork()) {
				throw violation(Invariant.ALL_CLOSED,
						process.name + " has " + process.callers.openGuards() + " guards, "
								+ process.callers.waiting().size() + " requests and "
								+ process.callers.transactions.open() + " transactions left");
			}
			lossesAreTold(process);
			if (process.host().callers().values().stream().mapToInt(Integer::intValue).sum() > CALLERS_AT_PEACE) {
				throw violation(Invariant.FEW_THREADS,
						process.name + " has kept threads for calls that hang no more: " + process.host().callers());
			}
			for (String key : this.simulation.keys) {
				String leaseId = process.leaseId();
				if (leaseId != null && Objects.equals(leaseId, this.simulation.store.leaseIdOf(key))) {
					throw leak(process, key);
				}
			}
		}
	}

	private Violation leak(SimulatedProcess process, String key) {
		return violation(Invariant.NO_LEAK,
				"the row of " + key + " carries the lease of " + process.name + ", which has no guard of it");
	}

	private Violation violation(Invariant invariant, String what) {
		return this.simulation.violation(invariant, what);
	}

}
