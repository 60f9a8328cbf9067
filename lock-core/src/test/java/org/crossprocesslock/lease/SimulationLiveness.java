package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

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

	private record Wish(SimulatedProcess process, int life, String key) {

	}

	private record Leak(SimulatedProcess process, String key, String leaseId) {

	}

	private record Overdue(Duration all, Duration idle) {

	}

	private final Simulation simulation;

	private final Map<Wish, Long> freeSince = new HashMap<>();

	private final Map<Wish, Long> unheldSince = new HashMap<>();

	private final Map<Leak, Long> leakedSince = new HashMap<>();

	private final Map<Waiter, Overdue> overdue = new HashMap<>();

	SimulationLiveness(Simulation simulation) {
		this.simulation = simulation;
	}

	/** To be called once in every interval. */
	void sample() {
		for (SimulatedProcess process : this.simulation.processes) {
			for (String key : this.simulation.keys) {
				boolean waits = process.isWell() && process.callers.waitsFor(key)
						&& !this.simulation.invariants.isHeld(key) && !this.simulation.store.isFenced(key)
						&& !this.simulation.store.isKept(key);
				Wish wish = new Wish(process, process.life(), key);
				within(UNHELD_LIMIT.plus(this.simulation.longestLinger()), this.unheldSince, wish, waits);
				within(FREE_ROW_LIMIT, this.freeSince, wish, waits && this.simulation.store.isFree(key));
				leaksNothing(process, key);
			}
			if (process.isUp() && !process.isPaused()) {
				endsItsWaiters(process);
			}
		}
	}

	/** All guards were closed long enough ago. */
	void nothingLingers() {
		for (SimulatedProcess process : this.simulation.processes) {
			if (process.isUp() && process.machine().lingers()) {
				throw violation(Invariant.NO_LEAK, process.name + " still keeps a key that nobody has a guard of");
			}
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

	private void leaksNothing(SimulatedProcess process, String key) {
		String leaseId = process.leaseId();
		boolean left = leaseId != null && leaseId.equals(this.simulation.store.leaseIdOf(key))
				&& !this.simulation.invariants.hasGuard(process, key) && !this.simulation.store.isFenced(key);
		Leak leak = new Leak(process, key, String.valueOf(leaseId));
		if (!left || !process.isWell()) {
			this.leakedSince.remove(leak);
			return;
		}
		long since = this.leakedSince.computeIfAbsent(leak, (any) -> this.simulation.nanos());
		if (this.simulation.nanos() - since > LEAK_LIMIT.plus(this.simulation.longestLinger()).toNanos()) {
			throw leak(process, key);
		}
	}

	private void endsItsWaiters(SimulatedProcess process) {
		for (Waiter waiter : process.callers.overdue()) {
			Overdue before = this.overdue.getOrDefault(waiter, new Overdue(Duration.ZERO, Duration.ZERO));
			Overdue now = new Overdue(before.all().plus(INTERVAL),
					process.waitsForTheStore() ? Duration.ZERO : before.idle().plus(INTERVAL));
			this.overdue.put(waiter, now);
			if (now.all().compareTo(LONGEST_OVERDUE) > 0 || now.idle().compareTo(LONGEST_IDLE) > 0) {
				throw violation(Invariant.WAITER_ENDS, process.name + " still waits for " + waiter.key() + " "
						+ now.all() + " after its time, " + now.idle() + " of it without asking the store");
			}
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
