package org.crossprocesslock.benchmarks.scenario;

import java.util.Set;

import org.crossprocesslock.benchmarks.database.Product;

/**
 * What it costs to keep things as they are, counted by the server while nothing moves.
 */
interface WatchedScenario extends Scenario {

	/** The processes are killed, and a further round would find their keys still held. */
	@Override
	default int rounds(Conditions conditions) {
		return 1;
	}

	@Override
	default Set<Product> products() {
		return Set.of(Product.POSTGRESQL);
	}

	@Override
	default boolean dependsOnFlush() {
		return false;
	}

	@Override
	default boolean countsStatements() {
		return true;
	}

}
