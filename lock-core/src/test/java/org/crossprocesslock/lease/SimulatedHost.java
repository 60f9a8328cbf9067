package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.Callbacks;
import org.crossprocesslock.engine.ListenerQueue;
import org.crossprocesslock.engine.RepeatedFault;
import org.crossprocesslock.engine.SimulatedEngine;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * What one life of a {@link SimulatedProcess} runs on. Its threads are tasks of the
 * {@link Simulation}, done one at a time and each after a while that is drawn; those that
 * are to stop in their middle are {@link SimulatedThread}s.
 */
final class SimulatedHost extends Host {

	/** The process is gone, and so is what it was doing. */
	private static final class Gone extends Error {

		private static final long serialVersionUID = 1L;

	}

	/** Few, so that all may block at a time. */
	private static final int CALLBACK_THREADS = 3;

	/** Of losses, of futures and of the listener. */
	private static final int MOST_USERS_THREADS = 2 * CALLBACK_THREADS + 1;

	private static final Duration LONGEST_BLOCK = Duration.ofSeconds(3);

	private static final Duration TICK = Duration.ofMillis(20);

	/** Whether a thread of listeners or callbacks runs. */
	private static final ThreadLocal<Boolean> usersThread = ThreadLocal.withInitial(() -> false);

	private final Simulation simulation;

	private final SimulatedProcess process;

	private final SplittableRandom random;

	private final Set<SimulatedThread> stopped = new LinkedHashSet<>();

	private final Callbacks losses;

	private final Callbacks futures;

	/** What others have written is of no use to a process that is gone. */
	private volatile boolean alive = true;

	private boolean started;

	private int stalled;

	/** Threads that make calls of the store, by their name. */
	private final Map<String, Integer> callers = new LinkedHashMap<>();

	private int usersThreads;

	private @Nullable LeaseMachine machine;

	/** The machine has met a defect and is to be replaced. */
	private boolean broken;

	SimulatedHost(Simulation simulation, SimulatedProcess process, SplittableRandom random) {
		super(new Time(process));
		this.simulation = simulation;
		this.process = process;
		this.random = random;
		this.losses = SimulatedEngine.callbacks(this::startUsersThread, CALLBACK_THREADS);
		this.futures = SimulatedEngine.callbacks(this::startUsersThread, CALLBACK_THREADS);
	}

	/** From now on threads may be lacking. */
	void started() {
		this.started = true;
	}

	boolean isAlive() {
		return this.alive;
	}

	/** Whether a thread of the library stands still in its middle. */
	boolean isStalled() {
		return this.stalled > 0;
	}

	/** Threads that make calls of the store, by their name. */
	Map<String, Integer> callers() {
		return this.callers;
	}

	/** The machine that was made last, {@code null} while it is broken. */
	@Nullable LeaseMachine machine() {
		return this.broken ? null : this.machine;
	}

	/** Whatever still runs comes to its end and changes nothing. */
	void die() {
		this.alive = false;
		List<SimulatedThread> left = List.copyOf(this.stopped);
		this.stopped.clear();
		this.simulation.after(0, () -> left.forEach(SimulatedHost::end));
	}

	/** Ends what is left when nothing is simulated any more. */
	void end() {
		this.alive = false;
		List.copyOf(this.stopped).forEach(SimulatedHost::end);
		this.stopped.clear();
	}

	private static void end(SimulatedThread thread) {
		try {
			thread.resume();
		}
		catch (Gone ex) {
			// as it should be
			return;
		}
	}

	/** Runs the task on a thread that may stop, if it is so drawn. */
	void run(Runnable task, boolean mayStop) {
		if (mayStop && SimulatedThread.current() == null) {
			SimulatedThread.run(() -> untilGone(task));
		}
		else {
			task.run();
		}
	}

	private static void untilGone(Runnable task) {
		try {
			task.run();
		}
		catch (Gone ex) {
			return;
		}
	}

	boolean stalls() {
		return this.simulation.fault(this.simulation.trouble.stalls());
	}

	/** Stops for that long. To be called where the present task may stop. */
	void sleep(long nanos) {
		SimulatedThread thread = SimulatedThread.current();
		if (thread == null || !this.alive) {
			throw new Gone();
		}
		this.stopped.add(thread);
		this.process.inThisLife(nanos, () -> {
			if (this.stopped.remove(thread)) {
				thread.resume();
			}
		});
		thread.stop();
		if (!this.alive) {
			throw new Gone();
		}
	}

	/** Any thread may be stopped by the system at any time. */
	private void stall() {
		if (SimulatedThread.current() != null && this.simulation.fault(0.5)) {
			this.stalled++;
			try {
				sleep(this.simulation.between(Duration.ofNanos(10_000),
						this.simulation.chance(0.5) ? Duration.ofMillis(10) : LONGEST_BLOCK));
			}
			finally {
				this.stalled--;
			}
		}
	}

	/** What users do on threads of the library: block, throw, or nothing. */
	void runsUsersCode() {
		if (!this.alive) {
			return;
		}
		if (!usersThread.get()) {
			throw violation(Invariant.OWN_THREADS, "runs code of its users on a thread that is not there for it");
		}
		if (SimulatedThread.current() != null && this.simulation.fault(0.5)) {
			sleep(this.simulation.between(Duration.ZERO, LONGEST_BLOCK));
		}
		if (this.simulation.fault(this.simulation.trouble.throwing())) {
			throw Trouble.anything(this.random);
		}
	}

	/** A call that need not come to its end soon, where the present task may stop. */
	void hangs() {
		if (this.alive && SimulatedThread.current() != null
				&& this.simulation.fault(this.simulation.trouble.hanging())) {
			sleep(this.simulation.between(Duration.ZERO, Simulation.ANSWER_LIMIT.multipliedBy(20)));
		}
	}

	/** A store may break in any way. */
	void mayThrow() {
		if (this.alive && this.simulation.fault(this.simulation.trouble.throwing())) {
			throw Trouble.anything(this.random);
		}
	}

	private void startUsersThread(Runnable task) {
		if (!this.alive) {
			return;
		}
		if (this.started && this.simulation.fault(this.simulation.trouble.noThread())) {
			throw Trouble.outOfMemory();
		}
		if (++this.usersThreads > MOST_USERS_THREADS) {
			throw violation(Invariant.FEW_THREADS, "has " + this.usersThreads + " threads for code of its users");
		}
		soon(() -> run(() -> {
			usersThread.set(true);
			try {
				task.run();
			}
			finally {
				usersThread.remove();
				this.usersThreads--;
			}
		}, this.simulation.fault(this.simulation.trouble.blocking())));
	}

	private void soon(Runnable task) {
		this.process.inThisLife(this.simulation.between(Duration.ofNanos(1_000), Duration.ofMillis(1)), task);
	}

	Violation violation(Invariant invariant, String what) {
		return this.simulation.violation(invariant, this.process.name + " " + what);
	}

	@Override
	StoreCaller caller(String name, LeaseStore store) {
		if (this.started && this.simulation.fault(this.simulation.trouble.noThread())) {
			throw Trouble.outOfMemory();
		}
		return new Caller(name);
	}

	@Override
	Timer timer(String name, LongSupplier turn) {
		return new SimulatedTimer(turn);
	}

	@Override
	ListenerQueue queue(LockListener listener) {
		Executor threads = this::startUsersThread;
		return SimulatedEngine.queue(listener, threads, time());
	}

	@Override
	Callbacks losses() {
		return this.losses;
	}

	@Override
	Callbacks futures() {
		return this.futures;
	}

	@Override
	Deliveries deliveries() {
		return new SimulatedDeliveries();
	}

	@Override
	LeaseMachine machine(LeaseOptions options, String label, long answerLimitNanos) {
		// as many acquires at a time as there can be, however few the keys are
		int worthAnother = 1;
		SplittableRandom chance = this.random.split();
		LeaseMachine made = new LeaseMachine(options, label, answerLimitNanos, worthAnother, this.simulation.remembered,
				() -> {
					mayBreak();
					return this.process.sabotage.leaseId(this.process.name,
							new UUID(this.random.nextLong(), this.random.nextLong()));
				}, () -> {
					mayBreak();
					return chance.nextLong();
				}, Instants.of(time()));
		boolean isFirst = this.machine == null;
		this.machine = made;
		this.broken = false;
		if (isFirst) {
			this.process.begun(made);
		}
		else {
			this.process.replaced(made);
		}
		return made;
	}

	private void mayBreak() {
		if (this.alive && this.started && this.simulation.fault(this.simulation.trouble.defects())) {
			this.broken = true;
			throw Trouble.anything(this.random);
		}
	}

	/** Knows the time, and waits for it. */
	private static final class Time implements TimeSource {

		private final SimulatedProcess process;

		private Instants read;

		Time(SimulatedProcess process) {
			this.process = process;
			this.read = process.now();
		}

		@Override
		public long nanos() {
			this.read = this.process.told();
			return this.read.nanos();
		}

		/** Of one reading with the monotonic one before. */
		@Override
		public long wallMillis() {
			return this.read.wallMillis();
		}

		@Override
		public boolean await(CountDownLatch latch, Duration limit) {
			SimulatedHost host = this.process.host();
			long until = nanos() + TimeSource.nanos(limit);
			while (latch.getCount() > 0) {
				if (until - nanos() <= 0) {
					return false;
				}
				host.sleep(TICK.toNanos());
			}
			return true;
		}

	}

	/** Makes calls of the store. */
	private final class Caller implements StoreCaller {

		private boolean atWork;

		private boolean ended;

		private final String name;

		Caller(String name) {
			this.name = name;
			SimulatedHost.this.callers.merge(name, 1, Integer::sum);
		}

		@Override
		public void make(Command command, Consumer<Answer> then) {
			SimulatedHost host = SimulatedHost.this;
			if (!host.alive) {
				return;
			}
			if (host.started && host.simulation.fault(host.simulation.trouble.unsent())) {
				throw Trouble.outOfMemory();
			}
			this.atWork = true;
			host.process.send(command, (answer) -> {
				this.atWork = false;
				try {
					then.accept(answer);
				}
				finally {
					gone();
				}
			});
		}

		@Override
		public void end() {
			this.ended = true;
			gone();
		}

		private void gone() {
			if (this.ended && !this.atWork) {
				this.ended = false;
				SimulatedHost.this.callers.computeIfPresent(this.name, (any, count) -> (count > 1) ? count - 1 : null);
			}
		}

	}

	/** Takes its turns when they are due. */
	private final class SimulatedTimer implements Timer {

		private final LongSupplier turn;

		private long nextAt = Long.MAX_VALUE;

		private boolean atWork;

		private boolean wakened;

		SimulatedTimer(LongSupplier turn) {
			this.turn = turn;
		}

		@Override
		public void start() {
			wake();
		}

		@Override
		public void wake() {
			if (!SimulatedHost.this.alive) {
				return;
			}
			if (this.atWork) {
				this.wakened = true;
			}
			else {
				in(SimulatedHost.this.simulation.between(Duration.ofNanos(1_000), Duration.ofNanos(100_000)));
			}
		}

		private void in(long nanos) {
			Simulation simulation = SimulatedHost.this.simulation;
			long at = simulation.nanos() + SimulatedHost.this.process.sabotage.wakeDelay(nanos);
			if (at < this.nextAt) {
				this.nextAt = at;
				SimulatedHost.this.process.inThisLife(at - simulation.nanos(), () -> {
					if (this.nextAt <= simulation.nanos() && !this.atWork) {
						this.nextAt = Long.MAX_VALUE;
						SimulatedHost.this.run(this::work, SimulatedHost.this.process.isStopping());
					}
				});
			}
		}

		private void work() {
			this.atWork = true;
			this.wakened = false;
			long rest = this.turn.getAsLong();
			this.atWork = false;
			if (rest != OVER) {
				// one that wants a turn at once whatever happens must not stop the world
				in(this.wakened ? 1_000
						: (rest > 0) ? SimulatedHost.this.process.clock.trueNanos(rest) : TICK.toNanos() / 20);
			}
		}

	}

	/** Hears what the machine says before those do whom it concerns. */
	private final class SimulatedDeliveries extends Deliveries {

		@Override
		void deliver(List<Effect> effects, MachineShell shell) {
			if (SimulatedHost.this.alive) {
				List<Effect> said = new ArrayList<>(effects);
				SimulatedHost.this.process.handled();
				said.forEach(SimulatedHost.this.process::said);
				stall();
				super.deliver(effects, shell);
			}
		}

		@Override
		void report(RepeatedFault fault, String what, Throwable failure) {
			if (SimulatedHost.this.alive && !Trouble.isSimulated(failure) && !(failure instanceof Gone)
					&& !(failure instanceof Violation)) {
				SimulatedHost.this.simulation.broken(SimulatedHost.this.process.name + " reports: " + what, failure);
			}
		}

	}

}
