package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Command.Answer;

/**
 * One process of a {@link Simulation}: its machine, its network, its callers and its
 * misfortunes.
 */
final class SimulatedProcess {

	final String name;

	private final Simulation simulation;

	private final LeaseOptions options;

	private final Deque<Runnable> whilePaused = new ArrayDeque<>();

	/** Who waits, and since when by the clock of this process. */
	private final Map<Waiter, Long> waiting = new LinkedHashMap<>();

	private final Map<Hold, Boolean> open = new LinkedHashMap<>();

	// this host's clock runs up to 4 percent slow or fast, well within the margin of 10
	private final double rate;

	private LeaseMachine machine;

	private int incarnation;

	private boolean paused;

	private long cutOffUntil;

	private boolean up = true;

	private long wakeAt = Long.MAX_VALUE;

	private long awakeSince;

	SimulatedProcess(Simulation simulation, String name) {
		this.simulation = simulation;
		this.name = name;
		// some come back under the name they had before a crash
		this.options = Simulation.OPTIONS.withHolderName(simulation.chance(0.5) ? name : null);
		this.rate = 0.96 + 0.08 * simulation.random.nextDouble();
		this.machine = newMachine();
	}

	private LeaseMachine newMachine() {
		return new LeaseMachine(this.options, this.name, Simulation.ANSWER_LIMIT.toNanos(),
				() -> new UUID(this.simulation.random.nextLong(), this.simulation.random.nextLong()),
				this.simulation.random.split(), now());
	}

	void start() {
		act(() -> this.machine.timePassed(now()));
		callAgain();
		this.simulation.after(this.simulation.between(Duration.ofSeconds(1), Duration.ofSeconds(40)), this::misfortune);
	}

	/** Ends pauses and down times; no new requests are made from now on. */
	void heal() {
		if (this.paused) {
			resume();
		}
		if (!this.up) {
			restart();
		}
	}

	int waiting() {
		return this.waiting.size();
	}

	boolean wants(String key) {
		return this.up && !this.paused && this.waiting.keySet().stream().anyMatch((waiter) -> waiter.key().equals(key));
	}

	/** How many guards of the key this process believes to hold, paused or not. */
	int held(String key) {
		if (!this.up) {
			return 0;
		}
		int exclusive = 0;
		int shared = 0;
		for (Map.Entry<Hold, Boolean> each : this.open.entrySet()) {
			if (each.getKey().grant().key.key.equals(key) && each.getKey().isHeld(now())) {
				if (each.getValue()) {
					shared++;
				}
				else {
					exclusive++;
				}
			}
		}
		if (exclusive > 1 || (exclusive == 1 && shared > 0)) {
			throw this.simulation
				.violation(this.name + " has " + exclusive + " exclusive and " + shared + " shared guards of " + key);
		}
		return exclusive + shared;
	}

	private Instants now() {
		long elapsed = (long) (this.simulation.nanos() * this.rate);
		return new Instants(elapsed, (this.simulation.wallNanos() - this.simulation.nanos() + elapsed) / 1_000_000);
	}

	/** A caller asks for a key, and another one will some time later. */
	private void callAgain() {
		this.simulation.after(this.simulation.between(Duration.ZERO, Duration.ofMillis(800)), () -> {
			if (this.simulation.faults) {
				if (this.up) {
					call();
				}
				callAgain();
			}
		});
	}

	private void call() {
		String key = this.simulation.keys[this.simulation.random.nextInt(this.simulation.keys.length)];
		boolean shared = this.simulation.chance(0.2);
		long wait = switch (this.simulation.random.nextInt(4)) {
			case 0 -> 0;
			case 1 -> TimeSource.FOREVER_NANOS;
			default -> this.simulation.between(Duration.ofMillis(1), Duration.ofSeconds(20));
		};
		Waiter waiter = new Waiter(key, shared ? LockMode.SHARED_IN_PROCESS : LockMode.EXCLUSIVE, wait, null);
		this.waiting.put(waiter, now().nanos());
		act(() -> this.machine.requested(waiter, now()));
		if (this.simulation.chance(0.1)) {
			inThisLife(this.simulation.between(Duration.ZERO, Duration.ofSeconds(3)), () -> {
				if (this.waiting.remove(waiter) != null) {
					this.machine.abandoned(waiter, now());
				}
			});
		}
	}

	private void misfortune() {
		if (!this.simulation.faults) {
			return;
		}
		if (this.up && !this.paused) {
			if (this.simulation.chance(0.3)) {
				crash();
				this.simulation.after(this.simulation.between(Duration.ZERO, Duration.ofSeconds(15)), this::restart);
			}
			else if (this.simulation.chance(0.5)) {
				pause();
			}
			else {
				cutOff();
			}
		}
		this.simulation.after(this.simulation.between(Duration.ofSeconds(1), Duration.ofSeconds(40)), this::misfortune);
	}

	private void crash() {
		this.up = false;
		this.incarnation++;
		this.waiting.clear();
		this.open.clear();
		this.whilePaused.clear();
	}

	private void restart() {
		if (!this.up) {
			this.up = true;
			this.wakeAt = Long.MAX_VALUE;
			this.awakeSince = now().nanos();
			this.machine = newMachine();
			act(() -> this.machine.timePassed(now()));
		}
	}

	private void pause() {
		this.paused = true;
		this.simulation.after(this.simulation.between(Duration.ofMillis(100), Duration.ofSeconds(30)), this::resume);
	}

	private void cutOff() {
		this.cutOffUntil = this.simulation.nanos()
				+ this.simulation.between(Duration.ofSeconds(1), Duration.ofSeconds(20));
	}

	private void resume() {
		if (this.paused) {
			this.paused = false;
			this.awakeSince = now().nanos();
			if (fault(0.3)) {
				// a machine that wakes up may find its network gone
				cutOff();
			}
			while (!this.whilePaused.isEmpty() && this.up && !this.paused) {
				act(this.whilePaused.remove());
			}
		}
	}

	private void inThisLife(long delay, Runnable action) {
		int life = this.incarnation;
		this.simulation.after(delay, () -> {
			if (life == this.incarnation && this.up) {
				act(action);
			}
		});
	}

	private void act(Runnable action) {
		if (this.paused) {
			this.whilePaused.add(action);
			return;
		}
		action.run();
		this.machine.takeEffects().forEach(this::carryOut);
		scheduleWake();
		checkWaits();
	}

	/** Nobody waits much longer than he is ready to, as long as this process runs. */
	private void checkWaits() {
		long now = now().nanos();
		if (now - this.awakeSince > Simulation.FREE_KEY_LIMIT) {
			this.waiting.forEach((waiter, since) -> {
				if (!waiter.waitsForEver() && now - since > waiter.waitNanos() + Simulation.FREE_KEY_LIMIT) {
					throw this.simulation.violation(this.name + " still waits for " + waiter.key() + " after "
							+ Duration.ofNanos(now - since) + " instead of " + Duration.ofNanos(waiter.waitNanos()));
				}
			});
		}
	}

	private void scheduleWake() {
		long wake = this.machine.nextWake(now());
		long delay = Math.max(0, (long) ((wake - now().nanos()) / this.rate) + 1);
		long at = (delay > TimeSource.FOREVER_NANOS / 2) ? Long.MAX_VALUE : this.simulation.nanos() + delay;
		if (at < this.wakeAt) {
			this.wakeAt = at;
			inThisLife(at - this.simulation.nanos(), () -> {
				this.wakeAt = Long.MAX_VALUE;
				this.machine.timePassed(now());
			});
		}
	}

	private void carryOut(Effect effect) {
		if (effect instanceof Effect.RunOnLease run) {
			send(run.command(), LeaseMachine::leaseAnswered);
			if (fault(0.01)) {
				// the worst moment: a deadline counted from the answer would be wrong by
				// the whole pause
				pause();
			}
		}
		else if (effect instanceof Effect.RunOnKeys run) {
			send(run.command(), LeaseMachine::keysAnswered);
		}
		else if (effect instanceof Effect.Granted granted) {
			granted(granted.waiter(), granted.hold());
		}
		else if (effect instanceof Effect.Lost lost) {
			if (lost.hold().isHeld(now())) {
				throw this.simulation.violation("a lost guard of " + this.name + " is held");
			}
		}
		else if (effect instanceof Effect.Busy busy) {
			this.waiting.remove(busy.waiter());
		}
		else if (effect instanceof Effect.Failed failed) {
			this.waiting.remove(failed.waiter());
		}
	}

	private void granted(Waiter waiter, Hold hold) {
		if (this.waiting.remove(waiter) == null) {
			throw this.simulation.violation(this.name + " was granted a request that had ended");
		}
		boolean joins = waiter.isShared() && hold.grant().open.size() > 1
				&& hold.grant().open.iterator().next() != hold;
		this.simulation.granted(this, hold, joins);
		this.open.put(hold, waiter.isShared());
		Duration longest = this.simulation.chance(0.1) ? Duration.ofSeconds(5) : Duration.ofMillis(50);
		long time = this.simulation.between(Duration.ZERO,
				this.simulation.chance(0.002) ? Duration.ofMinutes(2) : longest);
		inThisLife(time, () -> {
			this.open.remove(hold);
			this.machine.closed(hold, now());
		});
	}

	/**
	 * The network: a statement runs late, or never, or runs without its answer coming
	 * back, whose absence may be noticed before the statement has even begun to run.
	 */
	private void send(Command command, Receiver receiver) {
		long limit = Simulation.ANSWER_LIMIT.toNanos();
		boolean cutOff = this.simulation.nanos() < this.cutOffUntil;
		boolean lostRequest = fault(cutOff ? 0.6 : 0.02);
		boolean lostAnswer = fault(cutOff ? 0.9 : 0.03);
		long toStore = fault(0.05) ? this.simulation.random.nextLong(limit) : delay();
		long back = fault(0.05) ? this.simulation.random.nextLong(limit - Math.min(toStore, limit - 1)) : delay();
		int life = this.incarnation;
		Supplier<Answer> statement = statement(command);
		if (!lostRequest) {
			// the statement is on its way whatever becomes of the process that sent it
			this.simulation.after(toStore, () -> {
				Answer answer = statement.get();
				if (!lostAnswer && life == this.incarnation) {
					inThisLife(back, () -> receiver.receive(this.machine, answer, now()));
				}
			});
		}
		if (lostRequest || lostAnswer) {
			inThisLife(this.simulation.random.nextLong(limit), () -> receiver.receive(this.machine,
					new Answer.NoAnswer(new LockStoreException("lost", new IllegalStateException(), false)), now()));
		}
	}

	private Supplier<Answer> statement(Command command) {
		SimulatedStore store = this.simulation.store;
		if (command instanceof Command.TakeOver takeOver) {
			// two statements: the second is not sent before the first was answered, but
			// may
			// run late
			List<String> predecessors = store.leasesOf(takeOver.holder());
			return () -> {
				predecessors.forEach(store::end);
				return new Answer.TakenOver(predecessors.size());
			};
		}
		return () -> command.runOn(store);
	}

	private boolean fault(double probability) {
		return this.simulation.faults && this.simulation.chance(probability);
	}

	private long delay() {
		return this.simulation.between(Duration.ofNanos(50_000), Duration.ofMillis(5));
	}

	private interface Receiver {

		void receive(LeaseMachine machine, Answer answer, Instants now);

	}

}
