package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import org.crossprocesslock.engine.HeldLock;
import org.crossprocesslock.engine.SimulatedEngine;
import org.crossprocesslock.lease.Command.Answer;
import org.jspecify.annotations.Nullable;

/**
 * One process of a {@link Simulation}: the manager as it is shipped, on a
 * {@link SimulatedHost}. While the process is paused, what happens to it waits.
 */
final class SimulatedProcess {

	private static final long LIMIT = Simulation.ANSWER_LIMIT.toNanos();

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

	/** Calls that the machine waits for, and until when by the clock of the host. */
	private final IdentityHashMap<Command, Long> underWay = new IdentityHashMap<>();

	private @Nullable LeaseLockManager manager;

	private @Nullable SimulatedHost host;

	private @Nullable SimulatedListener listener;

	private @Nullable LeaseMachine lastMachine;

	private @Nullable Connection connection;

	private int life;

	private boolean paused;

	/** Something has happened to it since that was asked last. */
	private boolean happened;

	private boolean stopping;

	private Duration stoppingFor = Duration.ZERO;

	/** The lease that the machine has open. */
	private @Nullable String leaseId;

	/** The guard that is just being closed. */
	private @Nullable Holding closing;

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
		this.stoppingFor = Duration.ZERO;
		this.clock.resume();
		this.underWay.clear();
		LeaseOptions current = this.simulation.hasLinger ? this.options.withLinger(this.sabotage.linger(this.linger))
				: this.options;
		this.lastMachine = null;
		SimulatedHost made = new SimulatedHost(this.simulation, this, this.ids.split());
		this.host = made;
		this.listener = new SimulatedListener(made);
		this.connection = new Connection(made);
		this.manager = new LeaseLockManager(this.connection, current, this.name, this.listener, made);
		made.started();
	}

	/** The process is gone without a word. */
	void crash() {
		if (this.manager != null) {
			this.simulation.invariants.ended(this);
			host().die();
			this.manager = null;
			this.leaseId = null;
			this.whilePaused.clear();
			this.network.forgetAll();
			this.callers.forgetAll();
		}
	}

	/** Nothing is simulated any more. */
	void end() {
		if (this.host != null) {
			this.host.end();
		}
	}

	/** The process ends in order; it is gone when its manager is closed. */
	void stop() {
		if (isUp() && !this.stopping) {
			act(() -> {
				this.stopping = true;
				LeaseLockManager closed = manager();
				host().run(() -> {
					closed.close();
					closed();
				}, true);
			});
		}
	}

	private void closed() {
		this.simulation.invariants.stopped(this);
		if (this.simulation.over) {
			leavesNothing();
		}
		crash();
		this.misfortunes.comeBack();
	}

	/** What was closed in peace has given everything back. */
	private void leavesNothing() {
		boolean disconnected = this.connection == null || this.connection.closed;
		if (!disconnected || !host().callers().isEmpty() || !listener().hasHeardAll()) {
			throw this.simulation.violation(Invariant.CLOSE_ENDS,
					this.name + " has stopped but left " + (disconnected ? "" : "its connections, ") + host().callers()
							+ " threads, and of its listener: " + listener());
		}
	}

	/** An operator takes the key away from this process, if it has it. */
	void takeAway(String key) {
		if (isUp()) {
			act(() -> {
				LeaseMachine machine = host().machine();
				Key known = (machine != null) ? machine.keys().find(key) : null;
				Grant grant = (known != null) ? known.guards.grant : null;
				if (grant != null && this.sabotage.releasesUnderItsGuards()) {
					var unused = this.simulation.store.release(List.of(grant.releaseOrder()), List.of());
				}
				else if (grant != null) {
					this.simulation.invariants.takenAway(key);
					boolean unused = manager().shell().takeAway(key, grant.currentToken());
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

	boolean takeHappened() {
		boolean taken = this.happened;
		this.happened = false;
		return taken;
	}

	boolean isUp() {
		return this.manager != null;
	}

	boolean isPaused() {
		return this.paused;
	}

	/** Whether some of its threads cannot go on. */
	boolean isHeldUp() {
		return this.paused || host().isStalled();
	}

	boolean isStopping() {
		return this.stopping;
	}

	boolean takesRequests() {
		return isUp() && !this.stopping;
	}

	/** Whether nothing stands in its way apart from what befalls single statements. */
	boolean isWell() {
		return takesRequests() && !isHeldUp() && !this.network.isCutOff();
	}

	boolean waitsForTheStore() {
		this.underWay.values().removeIf((until) -> until - now().nanos() < 0);
		return !this.underWay.isEmpty();
	}

	/** For how long it has been ending, in which it was not held up. */
	Duration stoppingFor(Duration more) {
		this.stoppingFor = this.stopping ? this.stoppingFor.plus(more) : Duration.ZERO;
		return this.stoppingFor;
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

	LeaseLockManager manager() {
		return Objects.requireNonNull(this.manager);
	}

	SimulatedHost host() {
		return Objects.requireNonNull(this.host);
	}

	SimulatedListener listener() {
		return Objects.requireNonNull(this.listener);
	}

	/** What its manager takes for the store. */
	LeaseStore store() {
		return Objects.requireNonNull(this.connection);
	}

	/** The machine that was made last, broken or not; there is one once it was asked. */
	LeaseMachine machine() {
		return Objects.requireNonNull(this.lastMachine);
	}

	boolean hasMachine() {
		return this.lastMachine != null;
	}

	/** It has its first machine, with its first request or before. */
	void begun(LeaseMachine machine) {
		this.lastMachine = machine;
		this.leaseId = null;
	}

	/** It has another machine. */
	void replaced(LeaseMachine machine) {
		begun(machine);
		this.callers.failed();
	}

	Instants now() {
		return this.clock.now();
	}

	Instants told() {
		Instants now = this.sabotage.told(now());
		return (this.closing != null) ? this.sabotage.toldOnClose(this.closing, now) : now;
	}

	/**
	 * Whether the user of the guard would believe to have it if he looked. Unlike the
	 * look itself this leaves no trace, so it cannot cover up for the machine.
	 */
	boolean believes(Holding hold) {
		HeldLock seen = hold.guard;
		return (seen == null || SimulatedEngine.lostReason(seen) == null) && isGranted(hold);
	}

	/** The same of the machine. */
	boolean isGranted(Holding hold) {
		Instants now = now();
		return hold.grant().term.deadlineNanos(now.nanos()) - now.nanos() > 0 && hold.isHeld(now);
	}

	/** Whether its machine believes that it is told what others tell it. */
	boolean listens() {
		LeaseMachine current = host().machine();
		return current != null && current.keys().isListening();
	}

	/** Something that happens in the present life, and waits if it is paused. */
	void inThisLife(long delay, Runnable action) {
		int current = this.life;
		this.simulation.after(delay, () -> {
			if (lives(current)) {
				act(action);
			}
		});
	}

	void act(Runnable action) {
		if (this.paused) {
			this.whilePaused.add(action);
			return;
		}
		this.happened = true;
		host().run(action, host().stalls());
	}

	/** The user of a guard closes it. */
	void close(SimulatedRequest request) {
		this.closing = request.hold();
		int current = this.life;
		try {
			CompletableFuture<?> released = SimulatedEngine.close(request.guard());
			// the process may have died of it, and nobody waits any more
			if (lives(current)) {
				this.callers.closing(request, released);
			}
		}
		finally {
			this.closing = null;
		}
	}

	/** An event has happened to the machine. */
	void handled() {
		this.closing = null;
	}

	/** The machine has said something. */
	void said(Effect effect) {
		if (effect instanceof Effect.Run run) {
			long until = now().nanos() + 2 * LIMIT;
			this.underWay.put(run.call().command(), until);
		}
		else if (effect instanceof Effect.Dropped dropped) {
			this.underWay.remove(dropped.call().command());
		}
		else if (effect instanceof Effect.OfWaiter end) {
			this.callers.ended(end);
		}
		else if (effect instanceof Effect.Lost lost) {
			this.simulation.invariants.lost(this, lost.hold());
		}
		else if (effect instanceof Effect.LeaseOpened opened) {
			this.leaseId = opened.leaseId();
		}
		else if (effect instanceof Effect.LeaseLost) {
			this.leaseId = null;
		}
	}

	/** A call of the store is made on one of the threads for that. */
	void send(Command command, Consumer<Answer> then) {
		if (this.misfortunes.pauseBefore()) {
			act(() -> this.network.send(command, false, then));
		}
		else if (this.misfortunes.diesAfter(command)) {
			this.network.send(command, true, then);
			crash();
			this.misfortunes.comeBackSoon();
		}
		else {
			this.network.send(command, false, then);
			this.misfortunes.strikeAfter(command);
		}
	}

	/** The answer to a call has come, to whoever still waits for it. */
	void hear(Command command, Answer answer, long sentAt, Consumer<Answer> then) {
		boolean counts = this.underWay.remove(command) != null;
		Answer heard = counts ? this.sabotage.heard(command, answer, this.simulation.nanos() - sentAt) : answer;
		then.accept(heard);
	}

	/** The process is told, if it is the one and listens just then. */
	void hear(Notice notice) {
		Connection current = this.connection;
		if (isUp() && current != null && notice.to().equals(this.leaseId) && !this.network.isCutOff()) {
			inThisLife(0, () -> current.hear(notice));
		}
	}

	/** The store as this life of the process knows it, apart from the calls. */
	private final class Connection extends SimulatedStore {

		private final SimulatedHost mine;

		private @Nullable NoticeReceiver receiver;

		private @Nullable String listensFor;

		private boolean closed;

		Connection(SimulatedHost mine) {
			super(() -> 0, Duration.ofNanos(SimulatedProcess.this.sabotage.answerLimitNanos(LIMIT)));
			this.mine = mine;
		}

		@Override
		public void listen(String leaseId, NoticeReceiver receiver) {
			if (!this.mine.isAlive()) {
				return;
			}
			this.receiver = receiver;
			this.listensFor = leaseId;
			saysWhetherItWorks(leaseId, receiver);
			this.mine.mayThrow();
		}

		/** What is told to the lease arrives or, at times, does not. */
		private void saysWhetherItWorks(String lease, NoticeReceiver told) {
			Simulation all = SimulatedProcess.this.simulation;
			boolean works = all.weather.noticeLoss() < 1 && all.chance(0.8);
			inThisLife(all.between(Duration.ZERO, Duration.ofSeconds(1)), () -> told.listening(works));
			inThisLife(all.between(Duration.ofSeconds(1), Duration.ofSeconds(20)), () -> {
				if (lease.equals(this.listensFor)) {
					saysWhetherItWorks(lease, told);
				}
			});
		}

		private void hear(Notice notice) {
			if (this.receiver != null && notice.to().equals(this.listensFor)) {
				this.receiver.receive(notice);
			}
		}

		@Override
		public void close() {
			this.closed = true;
			this.mine.hangs();
			this.mine.mayThrow();
		}

	}

}
