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
			try {
				new Simulation(seed, Sabotage::new).run();
			}
			catch (Violation ex) {
				return ex.toString();
			}
		}
		return null;
	}

}
