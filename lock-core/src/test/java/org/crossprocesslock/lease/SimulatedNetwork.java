package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.Command.Answer;

/**
 * The way of one process to the store and back: a statement runs late, or never, or runs
 * without its answer coming back, whose absence may be noticed before the statement has
 * even begun to run.
 */
final class SimulatedNetwork {

	private static final long LIMIT = Simulation.ANSWER_LIMIT.toNanos();

	/** A statement that nobody waits for any more may run as late as that. */
	static final long LATEST = 4 * LIMIT;

	private static final int MOST_FOREVER = Workers.MOST_STUCK / 2;

	private final Simulation simulation;

	private final SimulatedProcess process;

	/** Calls that have neither an answer nor an end. */
	private final List<Runnable> hanging = new ArrayList<>();

	/** How many of them end only when all is well again. */
	private int foreverHanging;

	private long cutOffUntil;

	/** Nothing at all gets through. */
	private boolean completely;

	SimulatedNetwork(Simulation simulation, SimulatedProcess process) {
		this.simulation = simulation;
		this.process = process;
	}

	void cutOff(long nanos) {
		this.completely = this.simulation.chance(0.5);
		this.cutOffUntil = Math.max(this.cutOffUntil, this.simulation.nanos() + nanos);
	}

	boolean isCutOff() {
		return this.simulation.nanos() < this.cutOffUntil;
	}

	void heal() {
		this.cutOffUntil = 0;
		this.foreverHanging = 0;
		List.copyOf(this.hanging).forEach((call) -> this.process.inThisLife(upTo(LIMIT), () -> end(call)));
	}

	/** Whatever hangs never ends. */
	void forgetAll() {
		this.hanging.clear();
		this.foreverHanging = 0;
	}

	/** Never ends by itself, or long after everybody has given it up. */
	private void hang(Runnable end) {
		// a process that has met too many that never end waits for one of them to end
		boolean forEver = this.foreverHanging < MOST_FOREVER && this.simulation.chance(0.6);
		this.hanging.add(end);
		if (forEver) {
			this.foreverHanging++;
		}
		else {
			this.process.inThisLife(upTo(LATEST), () -> end(end));
		}
	}

	private void end(Runnable call) {
		if (this.hanging.remove(call)) {
			call.run();
		}
	}

	/** Sends it on its way, as slowly as it may be if it is held up. */
	void send(Command command, boolean heldUp, Consumer<Answer> then) {
		Weather weather = this.simulation.weather;
		long sent = this.simulation.nanos();
		Answer instead = this.process.sabotage.insteadOfSending(command);
		if (instead != null) {
			this.process.inThisLife(0, () -> this.process.hear(command, instead, sent, then));
			return;
		}
		boolean lostRequest = this.simulation.fault(isCutOff() ? (this.completely ? 1 : 0.6) : weather.loss() / 2);
		boolean lostAnswer = this.simulation.fault(isCutOff() ? 0.9 : weather.loss());
		boolean noticedEarly = this.simulation.chance(0.5);
		boolean late = lostAnswer && noticedEarly && this.simulation.chance(0.7);
		boolean veryLate = late && this.simulation.chance(0.3);
		long toStore = veryLate ? upTo(LATEST)
				: (late || heldUp || this.simulation.fault(weather.slowness())) ? upTo(LIMIT) : delay();
		long back = this.simulation.fault(weather.slowness()) ? upTo(LIMIT - Math.min(toStore, LIMIT - 1)) : delay();
		Supplier<Answer> statement = statement(this.process.sabotage.sent(command));
		boolean beforehand = this.process.sabotage.isAnsweredBeforehand(command);
		Answer[] lost = { noAnswer() };
		if (!lostRequest) {
			// the statement is on its way whatever becomes of the process that sent it
			int life = this.process.life();
			this.simulation.after(toStore, () -> {
				Answer answer = run(statement);
				if (lostAnswer) {
					lost[0] = answer;
				}
				if (!lostAnswer && !beforehand && this.process.lives(life)) {
					this.process.inThisLife(back, () -> this.process.hear(command, answer, sent, then));
				}
			});
		}
		if (beforehand) {
			this.process.inThisLife(0, () -> this.process.hear(command, new Answer.Done(), sent, then));
		}
		else if (lostRequest || lostAnswer) {
			if (this.simulation.fault(this.simulation.trouble.hanging())) {
				// should it end at all, nobody knows what with
				boolean answered = this.simulation.chance(0.5);
				hang(() -> this.process.hear(command, answered ? lost[0] : noAnswer(), sent, then));
			}
			else {
				this.process.inThisLife(noticedEarly ? delay() : upTo(LIMIT),
						() -> this.process.hear(command, noAnswer(), sent, then));
			}
		}
	}

	private Answer run(Supplier<Answer> statement) {
		try {
			return statement.get();
		}
		catch (LockStoreException ex) {
			return new Answer.NoAnswer(ex);
		}
	}

	private static Answer noAnswer() {
		return new Answer.NoAnswer(new LockStoreException("lost", new IllegalStateException(), false));
	}

	private Supplier<Answer> statement(Command command) {
		SimulatedStore store = this.simulation.store;
		if (command instanceof Command.TakeOver takeOver && !this.process.sabotage.takesOverByName()) {
			// two statements: the second is not sent before the first was answered, but
			// may run late
			List<String> predecessors = store.leasesOf(takeOver.holder());
			return () -> {
				predecessors.forEach(store::end);
				return new Answer.TakenOver(predecessors.size());
			};
		}
		return () -> command.runOn(store);
	}

	private long upTo(long nanos) {
		return this.simulation.random.nextLong(nanos);
	}

	private long delay() {
		return this.simulation.between(Duration.ofNanos(50_000), Duration.ofMillis(5));
	}

}
