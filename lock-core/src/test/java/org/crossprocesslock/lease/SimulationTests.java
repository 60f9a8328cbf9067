package org.crossprocesslock.lease;

import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs simulated schedules. By default the same ones in every build; a failure names its
 * seed.
 */
@ExtendWith(SilencedLog.class)
class SimulationTests {

	static final String SEED_PROPERTY = "crossprocesslock.simulation.seed";

	private static final String SCHEDULES_PROPERTY = "crossprocesslock.simulation.schedules";

	private static final int DEFAULT_SCHEDULES = 150;

	/** What happened in all schedules together. */
	private long grants;

	private long commits;

	@Test
	void promisesHoldWhateverGoesWrong() {
		Long onlySeed = Long.getLong(SEED_PROPERTY);
		int schedules = (onlySeed != null) ? 1 : Integer.getInteger(SCHEDULES_PROPERTY, DEFAULT_SCHEDULES);
		LongStream seeds = (onlySeed != null) ? LongStream.of(onlySeed) : LongStream.range(0, schedules);
		seeds.forEach((seed) -> run(new Simulation(seed, Sabotage::new)));
		// a simulation in which nobody gets a lock or commits would prove nothing
		assertThat(this.grants / schedules).isGreaterThan(10);
		assertThat(this.commits / schedules).isGreaterThan((onlySeed != null) ? -1 : 10);
	}

	// Each found something once; what it was is kept as a test of the machine as well,
	// because a change to the simulation makes another schedule of the same seed.
	@ParameterizedTest
	@CsvSource({ "12,false", "154,false", "918,false", "1046,false", "2193,false", "10048,true" })
	void promisesHoldInSchedulesThatBrokeThem(long seed, boolean transactions) {
		Simulation simulation = new Simulation(seed, Sabotage::new);
		// the others are older than these, and all than linger, trouble and short memory
		simulation.hasTransactions = transactions;
		simulation.hasLinger = false;
		simulation.remembered = KeyMemory.REMEMBERED;
		simulation.trouble = Trouble.NONE;
		run(simulation);
		assertThat(this.grants).isPositive();
	}

	private void run(Simulation simulation) {
		try {
			simulation.run();
		}
		catch (RuntimeException ex) {
			throw new AssertionError(simulation + " broke the machine", ex);
		}
		this.grants += simulation.invariants.grants();
		this.commits += simulation.invariants.committed();
	}

}
