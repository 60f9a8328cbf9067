package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.crossprocesslock.LockMode;
import org.crossprocesslock.engine.TimeSource;

/**
 * The application in one process: asks for keys, waits, gives up, looks at its guards and
 * closes them.
 */
final class SimulatedCallers {

	private static final Duration LONGEST_HOLD = Duration.ofSeconds(30);

	private final Simulation simulation;

	private final SimulatedProcess process;

	final SimulatedTransactions transactions;

	/** Who waits, in the order of arrival, and since when by the clock of this host. */
	private final Map<Waiter, Long> waiting = new LinkedHashMap<>();

	/** How many transactions had committed under the key when it was asked for. */
	private final Map<Waiter, Long> commitsAtRequest = new HashMap<>();

	private final Set<Hold> open = new LinkedHashSet<>();

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

	Map<Waiter, Long> waiting() {
		return this.waiting;
	}

	boolean waitsFor(String key) {
		return this.waiting.keySet().stream().anyMatch((waiter) -> waiter.key().equals(key));
	}

	/** Whether anybody waits for a key, or has a transaction open. */
	boolean isAtWork() {
		return !this.waiting.isEmpty() || this.transactions.open() > 0;
	}

	int openGuards() {
		return this.open.size();
	}

	List<String> heldKeys() {
		return this.open.stream().map((hold) -> hold.grant().key.name).distinct().toList();
	}

	void forgetAll() {
		this.waiting.clear();
		this.commitsAtRequest.clear();
		this.open.clear();
		this.transactions.forgetAll();
	}

	/** Keeps every guard for that long. */
	void cling(long nanos) {
		this.clingUntil = this.simulation.nanos() + nanos;
	}

	/** Has every guard closed soon. */
	void closeAll() {
		List.copyOf(this.open).forEach((hold) -> closeIn(hold, Duration.ofSeconds(1)));
	}

	/** All who wait for the key give up. */
	void giveUp(String key) {
		for (Waiter waiter : List.copyOf(this.waiting.keySet())) {
			if (waiter.key().equals(key)) {
				// each by itself: the end of one may let the next one in
				this.process.inThisLife(0, () -> giveUp(waiter));
			}
		}
	}

	private void giveUp(Waiter waiter) {
		if (this.waiting.remove(waiter) != null) {
			this.commitsAtRequest.remove(waiter);
			this.process.machine().abandoned(waiter, this.process.told());
		}
	}

	/** Somebody asks for a key now. */
	void ask(String key) {
		if (this.process.takesRequests() && !this.process.isPaused()) {
			this.process.act(() -> call(key));
		}
	}

	private void call() {
		call(this.simulation.anyKey());
	}

	private void call(String key) {
		boolean shared = this.simulation.chance(0.2);
		long wait = switch (this.simulation.random.nextInt(4)) {
			case 0 -> 0;
			case 1 -> TimeSource.FOREVER_NANOS;
			default -> this.simulation.between(Duration.ofMillis(1), Duration.ofSeconds(20));
		};
		Duration keep = this.simulation.keep();
		Waiter waiter = shared ? new Waiter(key, LockMode.SHARED_IN_PROCESS, wait, null)
				: new Waiter(key, LockMode.EXCLUSIVE, wait, keep, null);
		this.waiting.put(waiter, this.process.now().nanos());
		this.commitsAtRequest.put(waiter, this.simulation.invariants.commits(key));
		for (Waiter request : this.process.sabotage.requested(waiter)) {
			this.process.machine().requested(request, this.process.told());
		}
		if (this.simulation.chance(0.1)) {
			this.process.inThisLife(this.simulation.between(Duration.ZERO, Duration.ofSeconds(3)),
					() -> giveUp(waiter));
		}
	}

	void ended(Effect.OfWaiter end) {
		Long commitsAtRequest = this.commitsAtRequest.remove(end.waiter());
		if (end instanceof Effect.Granted granted) {
			granted(granted.waiter(), granted.hold());
			this.transactions.granted(granted.hold(), Objects.requireNonNull(commitsAtRequest));
		}
		else {
			this.simulation.invariants.endedWithout(this.process, end);
			this.waiting.remove(end.waiter());
		}
	}

	private void granted(Waiter waiter, Hold hold) {
		this.process.sabotage.granted(hold);
		this.simulation.invariants.granted(this.process, waiter, hold);
		this.waiting.remove(waiter);
		this.open.add(hold);
		closeIn(hold, holdTime());
		if (this.simulation.chance(0.3)) {
			this.process.inThisLife(this.simulation.between(Duration.ZERO, Duration.ofSeconds(1)), () -> look(hold));
		}
	}

	private Duration holdTime() {
		if (!this.simulation.fault(this.simulation.weather.holding())) {
			return Duration.ofMillis(50);
		}
		return this.simulation.chance(0.7) ? Duration.ofSeconds(5) : LONGEST_HOLD;
	}

	void closeIn(Hold hold, Duration most) {
		this.process.inThisLife(this.simulation.between(Duration.ZERO, most), () -> {
			if (this.simulation.faults && this.simulation.nanos() < this.clingUntil) {
				closeIn(hold, LONGEST_HOLD);
			}
			else if (this.open.remove(hold)) {
				this.simulation.invariants.closed(hold);
				this.process.machine().closed(hold, this.process.sabotage.toldOnClose(hold, this.process.told()));
			}
		});
	}

	/** What an application sees of its guard, and does about a dirty key. */
	private void look(Hold hold) {
		if (this.open.contains(hold)) {
			this.simulation.invariants.looked(this.process, hold, hold.isHeld(this.process.now()));
			if (hold.grant().key.row.isDirty() && this.simulation.chance(0.7)) {
				this.simulation.invariants.clearsDirty(this.process, hold);
				this.process.machine().clearDirty(hold, this.process.told());
			}
		}
	}

	/** Those whose time is over by the clock of this host. */
	List<Waiter> overdue() {
		List<Waiter> overdue = new ArrayList<>();
		long now = this.process.now().nanos();
		this.waiting.forEach((waiter, since) -> {
			if (!waiter.waitsForEver() && now - since > waiter.waitNanos()) {
				overdue.add(waiter);
			}
		});
		return overdue;
	}

}
