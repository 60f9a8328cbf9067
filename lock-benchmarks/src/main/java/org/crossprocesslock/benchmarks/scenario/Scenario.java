package org.crossprocesslock.benchmarks.scenario;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;

/** Something that is measured of everybody who takes part. */
public interface Scenario {

	/** How it is called on the command line. */
	String id();

	/** For people. */
	String title();

	/** What the contenders are compared by, if there is one number for it. */
	default Optional<Metric> headline() {
		return Optional.empty();
	}

	/** What is measured in each round, in this order. */
	List<Trial> trials(Workbench workbench);

	/** What is to be reached. */
	List<Target> targets();

	/** On which databases it can be measured. */
	default Set<Product> products() {
		return Set.of(Product.values());
	}

	/** How many rounds there are. */
	default int rounds(Conditions conditions) {
		return conditions.rounds();
	}

	/** Whether it takes a database, so that the flush may matter. */
	default boolean dependsOnFlush() {
		return true;
	}

	/** Whether statements have to be counted. */
	default boolean countsStatements() {
		return false;
	}

}
