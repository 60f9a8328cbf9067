package org.crossprocesslock.lease;

import java.util.Optional;
import java.util.function.Supplier;

import org.crossprocesslock.lease.Invariant.Violation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The simulation is worth what it finds: every known way to break the protocol must lead
 * to a violation within a few schedules.
 */
class SimulationMutationTests {

	private static final int SCHEDULES = 150;

	@ParameterizedTest
	@MethodSource("org.crossprocesslock.lease.Mutant#all")
	void theSimulationFinds(Mutant mutant, TestReporter reporter) {
		Optional<Violation> found = firstViolation(mutant.sabotage());
		assertThat(found).as("%s, not found in %s schedules", mutant, SCHEDULES).isPresent();
		reporter.publishEntry("It " + mutant, found.orElseThrow().toString());
		assertThat(found.orElseThrow().invariant()).as("%s", found).isIn(mutant.caughtBy());
	}

	@Test
	void withoutAMutantTheSameSchedulesFindNothing() {
		assertThat(firstViolation(Sabotage::new)).isEmpty();
	}

	private static Optional<Violation> firstViolation(Supplier<Sabotage> sabotage) {
		for (int seed = 0; seed < SCHEDULES; seed++) {
			try {
				new Simulation(seed, sabotage).run();
			}
			catch (Violation ex) {
				return Optional.of(ex);
			}
		}
		return Optional.empty();
	}

}
