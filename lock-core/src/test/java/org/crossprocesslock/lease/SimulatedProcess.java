package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.UUID;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Command.Answer;
import org.jspecify.annotations.Nullable;

/**
 * One process of a {@link Simulation}: its machine, which is told what happens and whose
 * effects are carried out. While the process is paused, what happens to it waits.
 */
final class SimulatedProcess {

	final String name;

	final Sabotage sabotage;

	final SimulatedClock clock;

	final SimulatedNetwork network;

	final SimulatedCallers callers;

	final Misfortunes misfortunes;

	/** How long keys linger here, if they do in this schedule. */
	final Duration linger;

	private final Simulation simulation;

	private final LeaseOptions options;

	private final SplittableRandom ids;

	private final List<Runnable> whilePaused = new ArrayList<>();

	private final IdentityHashMap<Command, Call> calls = new IdentityHashMap<>();

	/** Dropped by the machine. */
	private final List<Call> late = new ArrayList<>();

	private @Nullable LeaseMachine machine;

	private int life;

	private boolean paused;

	private boolean stopping;

	private long wakeAt = Long.MAX_VALUE;

	/** Statements under way. */
	private int underWay;

	/** The lease that the machine has open. */
	private @Nullable String leaseId;

	SimulatedProcess(Simulation simulation, String name, Sabotage sabotage, Duration linger) {
		this.simulation = simulation;
		this.name = name;
		this.sabotage = sabotage;
		this.linger = linger;
		this.ids = simulation.random.split();
		// some come back under the name they had before a crash
		this.options = LeaseOptions.defaults()
			.withHolderName(simulation.chance(0.5) ? name : null)
			.withPurgeAge(simulation.weather.purgeAge());
		double rate = sabotage.clockRate(clockRate(simulation));
		this.clock = new SimulatedClock(simulation::nanos, rate, simulation.chance(0.5), this.ids.nextLong());
		this.network = new SimulatedNetwork(simulation, this);
		this.callers = new SimulatedCallers(simulation, this);
		this.misfortunes = new Misfortunes(simulation, this);
	}

	/** Within a tenth of the store's, which is all that is promised, often just so. */
	private static double clockRate(Simulation simulation) {
		return switch (simulation.random.nextInt(4)) {
			case 0 -> 0.9001;
			case 1 -> 1.0999;
			default -> 0.9001 + 0.1998 * simulation.random.nextDouble();
		};
	}

	void start() {
		this.life++;
		this.paused = false;
		this.stopping = false;
		this.clock.resume();
		this.wakeAt = Long.MAX_VALUE;
		this.underWay = 0;
		this.calls.clear();
		this.late.clear();
		Instants now = told();
		// as many acquires at a time as there can be, however few the keys are
		int worthAnother = 1;
		LeaseOptions current = this.simulation.hasLinger ? this.options.withLinger(this.sabotage.linger(this.linger))
				: this.options;
		this.machine = new LeaseMachine(current, this.name,
				this.sabotage.answerLimitNanos(Simulation.ANSWER_LIMIT.toNanos()), worthAnother,
				() -> this.sabotage.leaseId(this.name, new UUID(this.ids.nextLong(), this.ids.nextLong())),
				this.ids.split(), now);
		act(() -> machine().timePassed(now));
	}

	/** The process is gone without a word. */
	void crash() {
		if (this.machine != null) {
			this.simulation.invariants.ended(this);
			this.machine = null;
			this.leaseId = null;
			this.whilePaused.clear();
			this.callers.forgetAll();
		}
	}

	/** The process ends in order; it is gone when its machine has said so. */
	void stop() {
		if (isUp() && !this.stopping) {
			act(() -> {
				this.stopping = true;
				machine().stop(told());
			});
		}
	}

	/** An operator takes the key away from this process, if it has it. */
	void takeAway(String key) {
		if (isUp()) {
			act(() -> {
				Key known = machine().keys().find(key);
				Grant grant = (known != null) ? known.guards.grant : null;
				if (grant != null && this.sabotage.releasesUnderItsGuards()) {
					var unused = this.simulation.store.release(List.of(grant.releaseOrder()), List.of());
				}
				else if (grant != null) {
					this.simulation.invariants.takenAway(key);
					machine().takeAway(key, grant.currentToken(), told());
				}
			});
		}
	}

	void pause(boolean suspended) {
		if (isUp() && !this.paused) {
			this.paused = true;
			if (suspended && this.clock.canBeSuspended()) {
				this.clock.suspend();
			}
		}
	}

	void resume() {
		if (this.paused) {
			this.paused = false;
			this.clock.resume();
			// threads wake in any order
			while (!this.whilePaused.isEmpty() && isUp() && !this.paused) {
				int next = this.simulation.random.nextInt(this.whilePaused.size());
				act(this.whilePaused.remove(next));
			}
		}
	}

	boolean isUp() {
		return this.machine != null;
	}

	boolean isPaused() {
		return this.paused;
	}

	boolean takesRequests() {
		return isUp() && !this.stopping;
	}

	/** Whether nothing stands in its way apart from what befalls single statements. */
	boolean isWell() {
		return takesRequests() && !this.paused && !this.network.isCutOff();
	}

	boolean waitsForTheStore() {
		return this.underWay > 0;
	}

	@Nullable String leaseId() {
		return this.leaseId;
	}

	int life() {
		return this.life;
	}

	boolean lives(int life) {
		return isUp() && this.life == life;
	}

	LeaseMachine machine() {
		return Objects.requireNonNull(this.machine);
	}

	Instants now() {
		return this.clock.now();
	}

	Instants told() {
		return this.sabotage.told(now());
	}

	/**
	 * Whether the process would believe to have the guard if it looked. Unlike the look
	 * itself this leaves no trace, so it cannot cover up for the machine.
	 */
	boolean believes(Hold hold) {
		Instants now = now();
		return hold.grant().term.deadlineNanos(now.nanos()) - now.nanos() > 0 && hold.isHeld(now);
	}

	void inThisLife(long delay, Runnable action) {
		int current = this.life;
		this.simulation.after(delay, () -> {
			if (lives(current)) {
				act(action);
			}
		});
	}

	void hear(Command command, Answer answer, long sentAt) {
		Call call = this.calls.remove(command);
		if (call == null) {
			// dropped before; the machine hears of it all the same
			this.late.stream()
				.filter((dropped) -> dropped.command() == command)
				.findFirst()
				.ifPresent((dropped) -> machine().answered(dropped, answer, told()));
			return;
		}
		this.underWay--;
		Answer heard = this.sabotage.heard(command, answer, this.simulation.nanos() - sentAt);
		machine().answered(call, heard, told());
	}

	/** The process is told, if it is the one and listens just then. */
	void hear(Notice notice) {
		if (isUp() && notice.to().equals(this.leaseId) && !this.network.isCutOff()) {
			inThisLife(0, () -> machine().noticed(notice, told()));
		}
	}

	/** What is told to the lease arrives or, at times, does not. */
	private void listen(String lease) {
		boolean works = this.simulation.weather.noticeLoss() < 1 && this.simulation.chance(0.8);
		inThisLife(this.simulation.between(Duration.ZERO, Duration.ofSeconds(1)),
				() -> machine().listening(lease, works, told()));
		inThisLife(this.simulation.between(Duration.ofSeconds(1), Duration.ofSeconds(20)), () -> {
			if (lease.equals(this.leaseId)) {
				listen(lease);
			}
		});
	}

	void act(Runnable action) {
		if (this.paused) {
			this.whilePaused.add(action);
			return;
		}
		action.run();
		machine().takeEffects().forEach(this::carryOut);
		if (isUp()) {
			scheduleWake();
		}
	}

	private void scheduleWake() {
		Instants now = told();
		long wake = machine().nextWake(now) - now.nanos();
		if (wake > TimeSource.FOREVER_NANOS / 2) {
			return;
		}
		// a machine that wants to be told at once what it has just been told must not
		// stop the world
		long delay = this.sabotage.wakeDelay((wake > 0) ? this.clock.trueNanos(wake) : 1_000_000);
		long at = this.simulation.nanos() + delay;
		if (at < this.wakeAt) {
			this.wakeAt = at;
			inThisLife(delay, () -> {
				if (this.wakeAt <= this.simulation.nanos()) {
					this.wakeAt = Long.MAX_VALUE;
				}
				machine().timePassed(told());
			});
		}
	}

	private void carryOut(Effect effect) {
		if (!isUp()) {
			return;
		}
		if (effect instanceof Effect.Run run) {
			this.calls.put(run.call().command(), run.call());
			send(run.call().command());
		}
		else if (effect instanceof Effect.Dropped dropped) {
			this.underWay--;
			this.late.add(Objects.requireNonNull(this.calls.remove(dropped.call().command())));
		}
		else if (effect instanceof Effect.OfWaiter end) {
			this.callers.ended(end);
		}
		else if (effect instanceof Effect.Lost lost) {
			this.simulation.invariants.lost(this, lost.hold());
		}
		else if (effect instanceof Effect.LeaseOpened opened) {
			this.leaseId = opened.leaseId();
			listen(opened.leaseId());
		}
		else if (effect instanceof Effect.LeaseLost) {
			this.leaseId = null;
		}
		else if (effect instanceof Effect.Stopped) {
			this.simulation.invariants.stopped(this);
			crash();
			this.misfortunes.comeBack();
		}
	}

	private void send(Command command) {
		this.underWay++;
		if (this.misfortunes.pauseBefore()) {
			act(() -> this.network.send(command, false));
		}
		else if (this.misfortunes.diesAfter(command)) {
			this.network.send(command, true);
			crash();
			this.misfortunes.comeBackSoon();
		}
		else {
			this.network.send(command, false);
			this.misfortunes.strikeAfter(command);
		}
	}

}
