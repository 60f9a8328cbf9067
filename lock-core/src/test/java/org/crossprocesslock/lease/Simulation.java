package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

import org.jspecify.annotations.Nullable;

/**
 * Several {@link LeaseMachine}s against one {@link SimulatedStore}, in virtual time, with
 * delays, lost requests and answers, crashes, pauses and a store clock that is set back,
 * all drawn from a seed. After every step it checks what the protocol promises.
 */
final class Simulation {

	/**
	 * The damage that a run has found; the message has all that is needed to replay it.
	 */
	static final class Violation extends AssertionError {

		private static final long serialVersionUID = 1L;

		Violation(String message) {
			super(message);
		}

	}

	private record Event(long at, long number, Runnable action) implements Comparable<Event> {

		@Override
		public int compareTo(Event other) {
			return (this.at != other.at) ? Long.compare(this.at, other.at) : Long.compare(this.number, other.number);
		}

	}

	static final LeaseOptions OPTIONS = LeaseOptions.defaults();

	static final Duration ANSWER_LIMIT = OPTIONS.leaseDuration().dividedBy(4);

	/**
	 * Within this time after a key is free in the store, somebody who waits for it has
	 * it: a few looks at the longest pause, each of which may meet a slow or lost
	 * statement, and a lease that has to be reopened.
	 */
	static final long FREE_KEY_LIMIT = Duration.ofSeconds(30).toNanos();

	final SplittableRandom random;

	final SimulatedStore store = new SimulatedStore(() -> (EPOCH + this.nanos - this.setBack) / 1000, ANSWER_LIMIT);

	final List<SimulatedProcess> processes = new ArrayList<>();

	final String[] keys;

	boolean faults = true;

	private static final long EPOCH = Duration.ofDays(20_000).toNanos();

	private final long seed;

	private final PriorityQueue<Event> agenda = new PriorityQueue<>();

	private final Map<String, Long> greatestToken = new HashMap<>();

	private final Map<String, Long> freeSince = new LinkedHashMap<>();

	private long nanos;

	private long setBack;

	private long events;

	private int grants;

	Simulation(long seed, int processes, int keys) {
		this.seed = seed;
		this.random = new SplittableRandom(seed);
		this.keys = new String[keys];
		for (int i = 0; i < keys; i++) {
			this.keys[i] = "key" + i;
		}
		for (int i = 0; i < processes; i++) {
			this.processes.add(new SimulatedProcess(this, "p" + i));
		}
	}

	/**
	 * Runs under faults, then heals everything and lets all requests come to their end.
	 */
	void run(Duration underFaults) {
		this.processes.forEach(SimulatedProcess::start);
		setClockBackAgain();
		advance(underFaults.toNanos());
		this.faults = false;
		this.processes.forEach(SimulatedProcess::heal);
		// long queues take their time, but each key keeps being granted, which every step
		// checks
		for (int i = 0; i < 40 && this.processes.stream().anyMatch((process) -> process.waiting() > 0); i++) {
			advance(this.nanos + FREE_KEY_LIMIT);
		}
		advance(this.nanos + FREE_KEY_LIMIT);
		for (SimulatedProcess process : this.processes) {
			if (process.waiting() > 0) {
				throw violation(process.waiting() + " requests of " + process.name
						+ " have not come to an end long after everything was healed");
			}
		}
		for (String key : this.keys) {
			String lease = this.store.leaseIdOf(key);
			boolean held = this.processes.stream().anyMatch((process) -> process.held(key) > 0);
			if (!held && lease != null && this.store.isAlive(lease)) {
				throw violation("nobody holds " + key + " but its row still carries the live lease " + lease);
			}
		}
	}

	/** The store's clock is set back a little now and then, also while it is needed. */
	private void setClockBackAgain() {
		after(between(Duration.ofSeconds(20), Duration.ofSeconds(90)), () -> {
			if (this.faults) {
				this.setBack += between(Duration.ofMillis(1), Duration.ofSeconds(5));
				setClockBackAgain();
			}
		});
	}

	private void advance(long until) {
		while (!this.agenda.isEmpty() && this.agenda.peek().at() <= until) {
			Event event = this.agenda.remove();
			this.nanos = event.at();
			event.action().run();
			check();
		}
		this.nanos = until;
	}

	long nanos() {
		return this.nanos;
	}

	long wallNanos() {
		return EPOCH + this.nanos;
	}

	int grants() {
		return this.grants;
	}

	void after(long delayNanos, Runnable action) {
		this.agenda.add(new Event(this.nanos + delayNanos, this.events++, action));
	}

	boolean chance(double probability) {
		return this.random.nextDouble() < probability;
	}

	long between(Duration least, Duration most) {
		return this.random.nextLong(least.toNanos(), most.toNanos() + 1);
	}

	void granted(SimulatedProcess process, Hold hold, boolean joinsOthers) {
		this.grants++;
		String key = hold.grant().key.key;
		long before = this.greatestToken.getOrDefault(key, 0L);
		if (joinsOthers ? hold.token() != before : hold.token() <= before) {
			throw violation("token " + hold.token() + " of " + key + " in " + process.name + " after " + before);
		}
		this.greatestToken.put(key, hold.token());
	}

	private void check() {
		for (String key : this.keys) {
			SimulatedProcess holder = null;
			for (SimulatedProcess process : this.processes) {
				int held = process.held(key);
				if (held > 0 && holder != null) {
					throw violation(holder.name + " and " + process.name + " both hold " + key);
				}
				if (held > 0) {
					holder = process;
				}
			}
			boolean wanted = this.processes.stream().anyMatch((process) -> process.wants(key));
			if (holder == null && wanted && this.store.leaseIdOf(key) == null) {
				long since = this.freeSince.computeIfAbsent(key, (name) -> this.nanos);
				if (this.nanos - since > FREE_KEY_LIMIT) {
					throw violation(key + " is free and wanted since " + Duration.ofNanos(this.nanos - since));
				}
			}
			else {
				this.freeSince.remove(key);
			}
		}
	}

	Violation violation(@Nullable String what) {
		return new Violation("At " + Duration.ofNanos(this.nanos) + " of seed " + this.seed + ": " + what
				+ ". Replay it with -D" + SimulationTests.SEED_PROPERTY + "=" + this.seed);
	}

}
