package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
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

	private final Simulation simulation;

	private final SimulatedProcess process;

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
	}

	/** Sends it on its way, as slowly as it may be if it is held up. */
	void send(Command command, boolean heldUp) {
		Weather weather = this.simulation.weather;
		long sent = this.simulation.nanos();
		Answer instead = this.process.sabotage.insteadOfSending(command);
		if (instead != null) {
			this.process.inThisLife(0, () -> this.process.hear(command, instead, sent));
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
		if (!lostRequest) {
			// the statement is on its way whatever becomes of the process that sent it
			int life = this.process.life();
			this.simulation.after(toStore, () -> {
				Answer answer = run(statement);
				if (!lostAnswer && !beforehand && this.process.lives(life)) {
					this.process.inThisLife(back, () -> this.process.hear(command, answer, sent));
				}
			});
		}
		if (beforehand) {
			this.process.inThisLife(0, () -> this.process.hear(command, new Answer.Done(), sent));
		}
		else if ((lostRequest || lostAnswer) && !this.simulation.fault(0.2)) {
			long noticed = noticedEarly ? delay() : upTo(LIMIT);
			this.process.inThisLife(noticed, () -> this.process.hear(command, noAnswer(), sent));
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
