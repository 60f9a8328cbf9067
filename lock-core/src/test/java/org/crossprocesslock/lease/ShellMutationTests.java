package org.crossprocesslock.lease;

import java.util.function.IntFunction;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What goes wrong around the machine is found as well: every {@link ShellMutant} must
 * lead to a violation within a few schedules.
 */
@Tag("full")
@ExtendWith(SilencedLog.class)
class ShellMutationTests {

	private static final int SCHEDULES = 150;

	@ParameterizedTest
	@MethodSource("org.crossprocesslock.lease.ShellMutant#all")
	void theSimulationFinds(ShellMutant mutant, TestReporter reporter) throws Exception {
		Class<?> search = Class.forName(SimulationSearch.class.getName(), true, new MutatingLoader(mutant));
		IntFunction<?> simulated = (IntFunction<?>) search.getConstructor().newInstance();
		Object found = simulated.apply(SCHEDULES);
		assertThat(found).as("%s, in %s schedules", mutant, SCHEDULES).isNotNull();
		reporter.publishEntry(mutant.toString(), String.valueOf(found));
	}

}
