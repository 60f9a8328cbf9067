package org.crossprocesslock.lease;

import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs simulated schedules. By default the same ones in every build; a failure names its
 * seed.
 */
class SimulationTests {

	static final String SEED_PROPERTY = "crossprocesslock.simulation.seed";

	private static final String SCHEDULES_PROPERTY = "crossprocesslock.simulation.schedules";

	private static final int DEFAULT_SCHEDULES = 1000;

	@Test
	void promisesHoldWhateverGoesWrong() {
		Long onlySeed = Long.getLong(SEED_PROPERTY);
		int schedules = Integer.getInteger(SCHEDULES_PROPERTY, DEFAULT_SCHEDULES);
		LongStream seeds = (onlySeed != null) ? LongStream.of(onlySeed) : LongStream.range(0, schedules);
		// a simulation in which nobody gets a lock would prove nothing
		assertThat(seeds.map(SimulationTests::run).average().orElseThrow()).isGreaterThan(10);
	}

	// Each found something once; what it was is kept as a test of the machine as well,
	// because a change to the simulation makes another schedule of the same seed.
	@ParameterizedTest
	@ValueSource(longs = { 12, 154, 918, 1046, 2193 })
	void promisesHoldInSchedulesThatBrokeThem(long seed) {
		assertThat(run(seed)).isPositive();
	}

	private static long run(long seed) {
		Simulation simulation = new Simulation(seed, Sabotage::new);
		try {
			simulation.run();
		}
		catch (RuntimeException ex) {
			throw new AssertionError("Seed " + seed + " broke the machine", ex);
		}
		return simulation.invariants.grants();
	}

}
