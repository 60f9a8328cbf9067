package org.crossprocesslock.lease;

import java.util.function.IntFunction;

import org.crossprocesslock.lease.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the first violation in so many schedules. Public for those who load it by
 * another class loader.
 */
public final class SimulationSearch implements IntFunction<@Nullable String> {

	@Override
	public @Nullable String apply(int schedules) {
		for (int seed = 0; seed < schedules; seed++) {
			Simulation simulation = new Simulation(seed, Sabotage::new);
			if (seed % 2 == 1) {
				// a machine that throws is rare, and what then may be forgotten is more rare
				simulation.trouble = simulation.trouble.withDefects();
			}
			try {
				simulation.run();
			}
			catch (Violation ex) {
				return ex.toString();
			}
		}
		return null;
	}

}
