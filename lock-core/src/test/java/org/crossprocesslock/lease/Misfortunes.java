package org.crossprocesslock.lease;

import java.time.Duration;

/**
 * What befalls one process as a whole: some of it at any time, some of it at the worst
 * moment.
 */
final class Misfortunes {

	private static final Duration MOST_BETWEEN = Duration.ofSeconds(20);

	private final Simulation simulation;

	private final SimulatedProcess process;

	Misfortunes(Simulation simulation, SimulatedProcess process) {
		this.simulation = simulation;
		this.process = process;
	}

	void start() {
		this.simulation.after(this.simulation.between(Duration.ZERO, MOST_BETWEEN), () -> {
			if (this.simulation.faults && this.process.takesRequests() && !this.process.isPaused()) {
				strike();
			}
			start();
		});
	}

	/** Ends whatever lasts. */
	void heal() {
		this.process.network.heal();
		this.process.callers.transactions.heal();
		this.process.resume();
		if (!this.process.isUp()) {
			this.process.start();
		}
	}

	/** An ended process is started again. */
	void comeBack() {
		long downFor = this.simulation.chance(0.5) ? between(10, 500) : between(500, 15_000);
		this.simulation.after(downFor, () -> {
			if (!this.process.isUp() && !this.simulation.over) {
				this.process.start();
			}
		});
	}

	/** Starts it again before what it has sent last can have reached the store. */
	void comeBackSoon() {
		this.simulation.after(between(1, 50), () -> {
			if (!this.process.isUp()) {
				this.process.start();
			}
		});
	}

	/** Whether the process is paused just before it sends something. */
	boolean pauseBefore() {
		if (this.simulation.weather.pauses() && this.simulation.fault(this.simulation.weather.aim() / 20)) {
			pause(between(500, 12_000), false);
			return true;
		}
		return false;
	}

	/**
	 * Whether it dies with this under way, which may then reach its successor's lease.
	 */
	boolean diesAfter(Command command) {
		return isOpening(command) && this.simulation.weather.crashes()
				&& this.simulation.fault(5 * this.simulation.weather.aim());
	}

	/** The worst moments are those in which a statement is under way. */
	void strikeAfter(Command command) {
		Weather weather = this.simulation.weather;
		boolean holds = this.process.callers.openGuards() > 0;
		if (command instanceof Command.Renew && holds && weather.pauses() && this.simulation.fault(weather.aim())) {
			// a deadline counted from the answer would be wrong by the whole pause, and
			// is not put right if the network is gone afterwards
			long pause = this.simulation.chance(0.5) ? between(1500, 8000) : between(7500, 10_500);
			pause(pause, false);
			this.process.network.cutOff(pause + between(5_000, 15_000));
			this.process.callers.cling(pause + between(5_000, 15_000));
		}
		else if (command instanceof Command.Acquire acquire && this.simulation.fault(weather.abandonment())) {
			this.process.inThisLife(this.simulation.between(Duration.ofNanos(100_000), Duration.ofMillis(8)),
					() -> this.process.callers.giveUp(acquire.orders().get(0).key()));
		}
	}

	/** The guard is in commit, and the next statement not yet on its way. */
	void strikeInCommit() {
		Weather weather = this.simulation.weather;
		if (weather.pauses() && this.simulation.fault(weather.aim())) {
			pause(between(500, 15_000), false);
		}
		else if (weather.crashes() && this.simulation.fault(weather.aim() / 5)) {
			this.simulation.after(between(0, 20), () -> {
				this.process.crash();
				comeBack();
			});
		}
	}

	private static boolean isOpening(Command command) {
		return command instanceof Command.TakeOver || command instanceof Command.Open;
	}

	private void strike() {
		Weather weather = this.simulation.weather;
		switch (this.simulation.random.nextInt(4)) {
			case 0 -> {
				if (weather.crashes()) {
					this.process.crash();
					comeBack();
				}
			}
			case 1 -> {
				if (weather.stops()) {
					this.process.stop();
				}
			}
			case 2 -> {
				if (weather.pauses()) {
					long pause = between(100, this.simulation.chance(0.5) ? 30_000 : 3_000);
					pause(pause, weather.suspensions() && this.simulation.chance(0.5));
					if (weather.cutOffs() && this.simulation.chance(0.3)) {
						// a host that wakes up may find its network gone
						this.process.network.cutOff(pause + between(1_000, 10_000));
					}
				}
			}
			default -> {
				if (weather.cutOffs()) {
					this.process.network.cutOff(between(1_000, 20_000));
				}
			}
		}
	}

	private void pause(long nanos, boolean suspended) {
		this.process.pause(suspended);
		this.simulation.after(nanos, this.process::resume);
	}

	private long between(long leastMillis, long mostMillis) {
		return this.simulation.between(Duration.ofMillis(leastMillis), Duration.ofMillis(mostMillis));
	}

}
