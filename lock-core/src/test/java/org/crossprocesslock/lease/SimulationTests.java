package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs simulated schedules. By default the same ones in every build; a failure names its
 * seed.
 */
class SimulationTests {

	static final String SEED_PROPERTY = "crossprocesslock.simulation.seed";

	private static final String SCHEDULES_PROPERTY = "crossprocesslock.simulation.schedules";

	private static final int DEFAULT_SCHEDULES = 100;

	@Test
	void promisesHoldUnderDelaysLossesCrashesAndPauses() {
		Long onlySeed = Long.getLong(SEED_PROPERTY);
		int schedules = Integer.getInteger(SCHEDULES_PROPERTY, DEFAULT_SCHEDULES);
		LongStream seeds = (onlySeed != null) ? LongStream.of(onlySeed) : LongStream.range(0, schedules);
		long[] grants = { 0 };
		seeds.forEach((seed) -> grants[0] += run(seed));
		// a simulation in which nobody gets a lock would prove nothing
		assertThat(grants[0]).isGreaterThan((onlySeed != null) ? 10 : 10L * schedules);
	}

	private static int run(long seed) {
		Simulation simulation = new Simulation(seed, 3 + (int) (seed % 3), 1 + (int) (seed % 4));
		try {
			simulation.run(Duration.ofMinutes(3));
		}
		catch (RuntimeException ex) {
			throw new AssertionError("Seed " + seed + " broke the machine", ex);
		}
		return simulation.grants();
	}

}
