package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.engine.LockAttempt;
import org.crossprocesslock.engine.SimulatedEngine;
import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * The application in one process: asks for keys, waits, gives up, looks at its guards and
 * closes them.
 */
final class SimulatedCallers {

	private static final Duration LONGEST_HOLD = Duration.ofSeconds(30);

	private final Simulation simulation;

	private final SimulatedProcess process;

	final SimulatedTransactions transactions;

	/** Who waits as far as the machine knows, in the order of arrival. */
	private final Map<LockAttempt, SimulatedRequest> waiting = new LinkedHashMap<>();

	/** Requests whose end only their callers do not know. */
	private final Set<SimulatedRequest> untold = new LinkedHashSet<>();

	private final Set<SimulatedRequest> open = new LinkedHashSet<>();

	private final Set<SimulatedRequest> closing = new LinkedHashSet<>();

	/** Guards of which it is not certain that their loss was told once or not at all. */
	private final List<SimulatedRequest> guards = new ArrayList<>();

	// also nobody at times: what the process has left behind is then not found by chance
	private boolean busy = true;

	private long clingUntil;

	SimulatedCallers(Simulation simulation, SimulatedProcess process) {
		this.simulation = simulation;
		this.process = process;
		this.transactions = new SimulatedTransactions(simulation, process);
	}

	void start() {
		this.simulation.after(this.simulation.between(Duration.ZERO, Duration.ofMillis(800)), () -> {
			if (this.simulation.faults && this.busy && this.process.takesRequests() && !this.process.isPaused()) {
				this.process.act(this::call);
			}
			start();
		});
	}

	void beBusy(boolean busy) {
		this.busy = busy;
	}

	/** Who waits as far as the machine knows, in the order of arrival. */
	Map<LockAttempt, SimulatedRequest> waiting() {
		return this.waiting;
	}

	Set<SimulatedRequest> untold() {
		return this.untold;
	}

	Set<SimulatedRequest> open() {
		return this.open;
	}

	Set<SimulatedRequest> closing() {
		return this.closing;
	}

	/** All guards since the last call, most of them closed by now. */
	List<SimulatedRequest> takeGuards() {
		List<SimulatedRequest> taken = List.copyOf(this.guards);
		this.guards.clear();
		return taken;
	}

	boolean waitsFor(String key) {
		return this.waiting.values().stream().anyMatch((request) -> request.key.equals(key));
	}

	/** Whether anybody waits for it whose time is not over by the clock of this host. */
	boolean hasTimeFor(String key) {
		return waitsFor(key) && this.waiting.values()
			.stream()
			.anyMatch((request) -> request.key.equals(key) && !overdue().contains(request));
	}

	/** Whether anybody waits for something, or has a transaction open. */
	boolean isAtWork() {
		return !this.waiting.isEmpty() || !this.untold.isEmpty() || !this.closing.isEmpty()
				|| this.transactions.open() > 0;
	}

	int openGuards() {
		return this.open.size();
	}

	List<String> heldKeys() {
		return this.open.stream().map((request) -> request.key).distinct().toList();
	}

	void forgetAll() {
		this.waiting.clear();
		this.untold.clear();
		this.open.forEach(this.simulation::keep);
		this.open.clear();
		this.closing.clear();
		this.guards.clear();
		this.transactions.forgetAll();
	}

	/** Keeps every guard for that long. */
	void cling(long nanos) {
		this.clingUntil = this.simulation.nanos() + nanos;
	}

	/** Has every guard closed soon. */
	void closeAll() {
		List.copyOf(this.open).forEach((request) -> closeIn(request, Duration.ofSeconds(1)));
	}

	/** All who wait for the key give up. */
	void giveUp(String key) {
		for (SimulatedRequest request : List.copyOf(this.waiting.values())) {
			if (request.key.equals(key)) {
				// each by itself: the end of one may let the next one in
				this.process.inThisLife(0, () -> giveUp(request));
			}
		}
	}

	private void giveUp(SimulatedRequest request) {
		if (!request.received) {
			request.received = true;
			this.waiting.remove(request.attempt);
			this.untold.remove(request);
			if (request.hold != null) {
				this.simulation.invariants.abandoned(request.hold);
			}
			SimulatedEngine.giveUp(request.attempt);
		}
	}

	/** Somebody asks for a key now. */
	void ask(String key) {
		if (this.process.takesRequests() && !this.process.isPaused()) {
			this.process.act(() -> call(key));
		}
	}

	private void call() {
		if (this.process.takesRequests()) {
			call(this.simulation.anyKey());
		}
	}

	private void call(String key) {
		boolean shared = this.simulation.chance(0.2);
		long wait = switch (this.simulation.random.nextInt(4)) {
			case 0 -> 0;
			case 1 -> TimeSource.FOREVER_NANOS;
			default -> this.simulation.between(Duration.ofMillis(1), Duration.ofSeconds(20));
		};
		Duration keep = shared ? Duration.ZERO : this.simulation.keep();
		SimulatedRequest made = new SimulatedRequest(this.process, key, shared, wait, keep,
				this.simulation.random.nextInt(3), this.process.now().nanos(), this.simulation.invariants.commits(key));
		this.waiting.put(made.attempt, made);
		this.process.sabotage.requested(made).forEach(this::begin);
		if (this.simulation.chance(0.1)) {
			this.process.inThisLife(this.simulation.between(Duration.ZERO, Duration.ofSeconds(3)), () -> giveUp(made));
		}
	}

	private void begin(SimulatedRequest request) {
		int life = this.process.life();
		LeaseLockManager manager = this.process.manager();
		SimulatedEngine.begin(manager, request.attempt);
		// a caller has the future no sooner
		CompletableFuture<@Nullable LockGuard> end = SimulatedEngine.end(request.attempt);
		boolean atOnce = end.isDone();
		var unused = end.whenComplete((guard, failure) -> {
			if (this.process.lives(life)) {
				received(request, guard, atOnce);
			}
		});
	}

	/** The machine has ended a request; its caller hears of that sooner or later. */
	void ended(Effect.OfWaiter end) {
		LockAttempt attempt = end.waiter().told();
		SimulatedRequest request = this.waiting.get(attempt);
		if (request == null) {
			throw this.simulation.violation(Invariant.WAITER_ENDS,
					this.process.name + " ended a request for " + end.waiter().key() + " that had ended before");
		}
		if (end instanceof Effect.Granted granted) {
			request.hold = granted.hold();
			this.process.sabotage.granted(granted.hold());
			this.simulation.invariants.granted(this.process, request, granted.hold());
		}
		this.waiting.remove(attempt);
		this.untold.add(request);
	}

	/** Another machine takes over; whoever waited for the one before has failed. */
	void failed() {
		this.untold.addAll(this.waiting.values());
		this.waiting.clear();
	}

	private void received(SimulatedRequest request, @Nullable LockGuard guard, boolean atOnce) {
		if (request.received) {
			return;
		}
		request.received = true;
		this.waiting.remove(request.attempt);
		this.untold.remove(request);
		if (guard != null) {
			granted(request, guard);
		}
		else if (request.hold != null) {
			throw this.simulation.violation(Invariant.WAITER_ENDS,
					this.process.name + " has granted " + request.key + " but told something else");
		}
		if (request.attempt.isAsync() && !atOnce) {
			this.process.host().runsUsersCode();
		}
	}

	private void granted(SimulatedRequest request, LockGuard guard) {
		if (request.hold == null) {
			throw this.simulation.violation(Invariant.WAITER_ENDS,
					this.process.name + " gave out a guard of " + request.key + " that nobody has granted");
		}
		request.guard = guard;
		this.open.add(request);
		this.guards.add(request);
		guard.onLost(() -> toldLost(request));
		this.transactions.granted(request);
		closeIn(request, holdTime());
		if (this.simulation.chance(0.3)) {
			this.process.inThisLife(this.simulation.between(Duration.ZERO, Duration.ofSeconds(1)), () -> look(request));
		}
	}

	private void toldLost(SimulatedRequest request) {
		request.lossesTold++;
		this.process.host().runsUsersCode();
	}

	private Duration holdTime() {
		if (!this.simulation.fault(this.simulation.weather.holding())) {
			return Duration.ofMillis(50);
		}
		return this.simulation.chance(0.7) ? Duration.ofSeconds(5) : LONGEST_HOLD;
	}

	void closeIn(SimulatedRequest request, Duration most) {
		this.process.inThisLife(this.simulation.between(Duration.ZERO, most), () -> {
			if (this.simulation.faults && this.simulation.nanos() < this.clingUntil) {
				closeIn(request, LONGEST_HOLD);
			}
			else if (this.open.remove(request)) {
				this.simulation.invariants.closed(request.hold());
				this.process.close(request);
			}
		});
	}

	/** A guard is being closed. */
	void closing(SimulatedRequest request, CompletableFuture<?> released) {
		this.closing.add(request);
		var unused = released.whenComplete((done, failure) -> this.closing.remove(request));
		this.simulation.keep(request);
	}

	/** What an application sees of its guard, and does about a dirty key. */
	private void look(SimulatedRequest request) {
		if (this.open.contains(request)) {
			LockGuard guard = request.guard();
			this.simulation.invariants.looked(this.process, request.hold(), guard.isHeld());
			if (guard.isDirty() && this.simulation.chance(0.7)) {
				this.simulation.invariants.clearsDirty(this.process, request.hold());
				guard.clearDirty();
			}
		}
	}

	/** Those whose time is over by the clock of this host. */
	List<SimulatedRequest> overdue() {
		List<SimulatedRequest> overdue = new ArrayList<>();
		long now = this.process.now().nanos();
		for (SimulatedRequest request : this.waiting.values()) {
			if (!request.waitsForEver() && now - request.sinceNanos > request.waitNanos) {
				overdue.add(request);
			}
		}
		return overdue;
	}

}
