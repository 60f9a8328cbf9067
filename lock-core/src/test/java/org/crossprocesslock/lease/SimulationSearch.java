package org.crossprocesslock.lease;

import java.util.function.IntFunction;

import org.crossprocesslock.lease.Invariant.Violation;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the first violation in so many schedules, and in some more. Public for those
 * who load it by another class loader.
 */
public final class SimulationSearch implements IntFunction<@Nullable String> {

	/**
	 * Of those in which the machine throws several times, which is rare in the others.
	 */
	private static final int WITH_DEFECTS = 50;

	@Override
	public @Nullable String apply(int schedules) {
		for (int seed = 0; seed < schedules; seed++) {
			String found = violation(new Simulation(seed, Sabotage::new));
			if (found != null) {
				return found;
			}
		}
		for (int seed = 0; seed < WITH_DEFECTS; seed++) {
			Simulation simulation = new Simulation(seed, Sabotage::new);
			simulation.trouble = simulation.trouble.withDefects();
			String found = violation(simulation);
			if (found != null) {
				return found;
			}
		}
		return null;
	}

	private static @Nullable String violation(Simulation simulation) {
		try {
			simulation.run();
			return null;
		}
		catch (Violation ex) {
			return ex.toString();
		}
	}

}
