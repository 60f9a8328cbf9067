package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;

import org.crossprocesslock.engine.SimulatedEngine;
import org.crossprocesslock.lease.Invariant.Violation;
import org.crossprocesslock.lease.Weather.StoreClock;
import org.jspecify.annotations.Nullable;

/**
 * Several {@link LeaseLockManager}s against one {@link SimulatedStore}, in virtual time,
 * all drawn from a seed: what the applications do, how long statements take, which of
 * their threads goes on when, and what goes wrong. After every step it checks what the
 * protocol promises.
 */
final class Simulation {

	private record Event(long at, long number, Runnable action) implements Comparable<Event> {

		@Override
		public int compareTo(Event other) {
			return (this.at != other.at) ? Long.compare(this.at, other.at) : Long.compare(this.number, other.number);
		}

	}

	static final LeaseOptions OPTIONS = LeaseOptions.defaults();

	static final Duration ANSWER_LIMIT = OPTIONS.leaseDuration().dividedBy(4);

	private static final int ROUNDS = 3;

	/**
	 * After this time without a fault and without a request the last late statement has
	 * run and what it left has been found and released.
	 */
	private static final Duration CALM = ANSWER_LIMIT.multipliedBy(5).plus(OPTIONS.renewInterval().multipliedBy(4));

	private static final Duration LONGEST_QUEUE = Duration.ofMinutes(10);

	private static final long EPOCH = Duration.ofDays(20_000).toNanos();

	final SplittableRandom random;

	final Weather weather;

	/** What goes wrong inside the processes. */
	Trouble trouble;

	final SimulatedStore store;

	final SimulationInvariants invariants = new SimulationInvariants(this);

	final List<SimulatedProcess> processes = new ArrayList<>();

	final List<String> keys = new ArrayList<>();

	/** Whether anything goes wrong at present, and anybody asks for a key. */
	boolean faults;

	/**
	 * Whether damage is reported when it shows in the rows; else when two processes hold
	 * a key at once, which often comes of it.
	 */
	boolean watchesRows = true;

	/** Whether applications run fenced transactions. */
	boolean hasTransactions;

	/** How many unused keys a process remembers: mostly all of them. */
	int remembered;

	/** Whether keys linger in some of the processes. */
	boolean hasLinger;

	/**
	 * Draws who keeps keys for how long, apart from all else; absent where nobody does.
	 */
	private final @Nullable SplittableRandom keeping;

	/** Draws what operators do, apart from all else; absent where there are none. */
	private final @Nullable SplittableRandom operators;

	/** Nobody comes back any more. */
	boolean over;

	private final long seed;

	private final SimulationLiveness liveness = new SimulationLiveness(this);

	private final PriorityQueue<Event> agenda = new PriorityQueue<>();

	/** The keys that are asked for at present; the others have their rest. */
	private int keysInUse;

	private long nanos;

	private long clockShift;

	private long setBack;

	private boolean setForward;

	private long events;

	private @Nullable Violation violated;

	/** Guards that nobody closes, kept from the garbage collector. */
	private final List<SimulatedRequest> kept = new ArrayList<>();

	Simulation(long seed, Supplier<Sabotage> sabotage) {
		this.seed = seed;
		this.random = new SplittableRandom(seed);
		this.weather = Weather.drawn(this.random);
		// apart from the other draws, which decide the schedules without any of this
		SplittableRandom apart = new SplittableRandom(~seed);
		this.hasTransactions = apart.nextInt(4) > 0;
		this.hasLinger = apart.nextBoolean();
		this.trouble = Trouble.drawn(apart);
		SplittableRandom forOperators = new SplittableRandom(seed + 1_000_000_007L);
		this.operators = (forOperators.nextInt(3) == 0) ? forOperators : null;
		SplittableRandom forKeeping = new SplittableRandom(seed + 2_000_000_030L);
		this.keeping = (forKeeping.nextInt(4) == 0) ? forKeeping : null;
		SplittableRandom forMemory = new SplittableRandom(seed + 3_000_000_019L);
		this.remembered = (forMemory.nextInt(3) == 0) ? forMemory.nextInt(3) : KeyMemory.REMEMBERED;
		this.store = sabotage.get().store(() -> (EPOCH + this.nanos + this.clockShift) / 1000, ANSWER_LIMIT);
		this.store.notices = this::passOn;
		int keyCount = 1 + this.random.nextInt(5);
		for (int i = 0; i < keyCount; i++) {
			this.keys.add("key" + i);
		}
		int processCount = 2 + this.random.nextInt(6);
		for (int i = 0; i < processCount; i++) {
			this.processes.add(new SimulatedProcess(this, "p" + i, sabotage.get(), linger(apart)));
		}
	}

	private static Duration linger(SplittableRandom random) {
		return (random.nextInt(3) > 0) ? Duration.ofMillis(1L << random.nextInt(13)) : Duration.ZERO;
	}

	/** For how long a grant is to keep its key: mostly not at all. */
	Duration keep() {
		SplittableRandom drawn = this.keeping;
		return (drawn != null && drawn.nextInt(5) == 0) ? Duration.ofMillis(1L << drawn.nextInt(15)) : Duration.ZERO;
	}

	/** Runs the schedule to its end; throws a {@link Violation} if it finds one. */
	void run() {
		try {
			runAll();
		}
		finally {
			this.processes.forEach(SimulatedProcess::end);
			// they would keep the simulation as well
			for (SimulatedRequest request : this.kept) {
				var unused = SimulatedEngine.close(request.guard());
			}
		}
	}

	private void runAll() {
		this.processes.forEach((process) -> {
			process.start();
			process.callers.start();
			process.misfortunes.start();
		});
		every(Duration.ofSeconds(1), Duration.ofSeconds(40), this::moveClock);
		every(Duration.ofSeconds(1), Duration.ofSeconds(10), this::purge);
		every(Duration.ofSeconds(1), Duration.ofSeconds(10), this::crashStore);
		operateSometimes();
		for (int round = 0; round < ROUNDS; round++) {
			storm();
			calm();
		}
		end();
	}

	private void storm() {
		this.faults = true;
		this.keysInUse = 1 + this.random.nextInt(this.keys.size());
		this.processes.forEach((process) -> process.callers.beBusy(chance(0.8)));
		advance(Duration.ofSeconds(10 + this.random.nextInt(30)));
		// one after the other falls silent, so that what it leaves is not found by its
		// next request
		for (int i = 0; i < 3; i++) {
			this.processes.forEach((process) -> process.callers.beBusy(chance(0.3)));
			advance(Duration.ofSeconds(1));
		}
	}

	private void calm() {
		this.faults = false;
		this.processes.forEach((process) -> {
			process.misfortunes.heal();
			process.callers.closeAll();
		});
		Duration waited = Duration.ZERO;
		while (this.processes.stream().anyMatch((process) -> process.callers.isAtWork())
				&& waited.compareTo(LONGEST_QUEUE) < 0) {
			advance(Duration.ofSeconds(1));
			waited = waited.plusSeconds(1);
		}
		// some have ended in order and are only now coming back
		this.processes.forEach((process) -> process.misfortunes.heal());
		advance(longestLinger().plusSeconds(2));
		this.liveness.nothingLingers();
		advance(CALM.minusSeconds(2));
		this.liveness.allIsClosed();
	}

	/** All processes end in order and must leave nothing. */
	private void end() {
		this.over = true;
		List<String> leases = new ArrayList<>();
		for (SimulatedProcess process : this.processes) {
			if (process.leaseId() != null) {
				leases.add(process.leaseId());
			}
			process.stop();
		}
		advance(Duration.ofSeconds(2));
		for (SimulatedProcess process : this.processes) {
			if (process.isUp()) {
				throw violation(Invariant.ALL_CLOSED, process.name + " does not come to its end");
			}
		}
		for (String lease : leases) {
			if (this.store.isAlive(lease)) {
				throw violation(Invariant.ALL_CLOSED, "the lease " + lease + " has outlived its process");
			}
		}
	}

	private void every(Duration least, Duration most, Runnable action) {
		after(between(least, most), () -> {
			if (this.faults) {
				action.run();
			}
			every(least, most, action);
		});
	}

	/** Somebody believes that a key must be freed, whoever has it. */
	private void operateSometimes() {
		SplittableRandom drawn = this.operators;
		if (drawn == null) {
			return;
		}
		after(drawn.nextLong(Duration.ofSeconds(10).toNanos()), () -> {
			String key = this.keys.get(drawn.nextInt(this.keys.size()));
			if (this.faults && drawn.nextBoolean()) {
				this.store.endLease(key, this.store.tokenOf(key));
			}
			else if (this.faults) {
				this.processes.forEach((process) -> process.takeAway(key));
			}
			operateSometimes();
		});
	}

	private void moveClock() {
		StoreClock kind = this.weather.clock();
		if (kind == StoreClock.SET_FORWARD) {
			this.clockShift += between(Duration.ofMillis(1), Duration.ofSeconds(30));
			this.setForward = true;
			if (chance(0.5)) {
				dispute();
			}
		}
		else if (kind != StoreClock.STEADY) {
			Duration most = (kind == StoreClock.SET_BACK_FAR) ? Duration.ofHours(1) : Duration.ofSeconds(10);
			long back = Math.min(between(Duration.ofMillis(1), most),
					this.weather.furthestBack().toNanos() - this.setBack);
			this.setBack += back;
			this.clockShift -= back;
		}
	}

	/** Whoever has a key keeps it for longer than a lease, and others ask for it now. */
	private void dispute() {
		for (SimulatedProcess holder : this.processes) {
			holder.callers.cling(OPTIONS.leaseDuration().multipliedBy(3).toNanos());
			for (String key : holder.callers.heldKeys()) {
				for (SimulatedProcess other : this.processes) {
					if (other != holder && !other.callers.waitsFor(key)) {
						other.callers.ask(key);
					}
				}
			}
		}
	}

	private void purge() {
		if (this.weather.purges()) {
			this.store.purge(this.weather.purgeAge());
		}
	}

	/** Notices get lost, come twice and overtake each other. */
	private void passOn(Notice notice) {
		this.liveness.told(notice);
		for (int i = 0; i < (fault(0.1) ? 2 : 1); i++) {
			long delay = fault(0.1) ? between(Duration.ZERO, Duration.ofSeconds(5))
					: between(Duration.ZERO, Duration.ofMillis(5));
			if (!fault(this.weather.noticeLoss())) {
				after(delay, () -> this.processes.forEach((process) -> process.hear(notice)));
			}
		}
	}

	/** Connections do not break, so that statements stay on their way. */
	private void crashStore() {
		if (this.weather.storeCrashes() && this.store.unflushed() > 0) {
			this.store.crash(this.random.nextInt(this.store.unflushed() + 1));
		}
	}

	private void advance(Duration time) {
		long until = this.nanos + time.toNanos();
		while (this.nanos < until) {
			long sample = Math.min(until, this.nanos + SimulationLiveness.INTERVAL.toNanos());
			while (!this.agenda.isEmpty() && this.agenda.peek().at() <= sample) {
				Event event = this.agenda.remove();
				this.nanos = event.at();
				happen(event);
				this.invariants.check();
			}
			this.nanos = sample;
			this.invariants.check();
			this.liveness.sample();
		}
	}

	/** What the code under test has caught is found all the same. */
	private void happen(Event event) {
		try {
			event.action().run();
		}
		catch (Violation ex) {
			throw (this.violated != null) ? this.violated : ex;
		}
		catch (Throwable ex) {
			broken("something was thrown", ex);
		}
		if (this.violated != null) {
			throw this.violated;
		}
	}

	long nanos() {
		return this.nanos;
	}

	/** How long a key may linger, by the slowest clock there may be. */
	Duration longestLinger() {
		Duration longest = Duration.ZERO;
		for (SimulatedProcess process : this.processes) {
			if (this.hasLinger && process.linger.compareTo(longest) > 0) {
				longest = process.linger;
			}
		}
		return longest.plus(longest.dividedBy(LeaseTerm.DRIFT_MARGIN_DIVISOR - 1));
	}

	boolean clockIsSetForward() {
		return this.setForward;
	}

	String anyKey() {
		return this.keys.get(this.random.nextInt(this.keysInUse));
	}

	void after(long delayNanos, Runnable action) {
		this.agenda.add(new Event(this.nanos + delayNanos, this.events++, action));
	}

	boolean chance(double probability) {
		return this.random.nextDouble() < probability;
	}

	boolean fault(double probability) {
		return this.faults && chance(probability);
	}

	long between(Duration least, Duration most) {
		return this.random.nextLong(least.toNanos(), most.toNanos() + 1);
	}

	@Override
	public String toString() {
		return "Seed " + this.seed;
	}

	/** Keeps what a crash or the end of the simulation leaves behind. */
	void keep(SimulatedRequest request) {
		this.kept.add(request);
	}

	/** What the library should not have had to report. */
	void broken(String what, Throwable failure) {
		violation(Invariant.NO_DEFECT, what + ": " + failure).addSuppressed(failure);
	}

	Violation violation(Invariant invariant, String what) {
		Violation violation = new Violation(invariant,
				invariant + " violated at " + Duration.ofNanos(this.nanos) + " of seed " + this.seed + ": " + what
						+ " (" + this.processes.size() + " processes, " + this.keys.size() + " keys, " + this.weather
						+ ", " + this.trouble + "). Replay it with -D" + SimulationTests.SEED_PROPERTY + "="
						+ this.seed);
		if (this.violated == null) {
			this.violated = violation;
		}
		return violation;
	}

}
