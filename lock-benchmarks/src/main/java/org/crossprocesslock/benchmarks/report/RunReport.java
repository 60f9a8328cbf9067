package org.crossprocesslock.benchmarks.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.ScenarioResult;
import org.jspecify.annotations.Nullable;

/**
 * Everything about one run.
 *
 * @param product on which database, PostgreSQL unless given
 * @param machine what it ran on
 * @param rounds how many rounds
 * @param lengthMillis how long a measurement was, where a scenario has no length of its
 * own
 * @param pollMillis pause between two attempts of the other libraries
 * @param results what was measured
 */
public record RunReport(@Nullable Product product, Machine machine, int rounds, long lengthMillis, long pollMillis,
		List<ScenarioResult> results) {

	/** On which database. */
	@Override
	public Product product() {
		return (this.product != null) ? this.product : Product.POSTGRESQL;
	}

	/** The same with the results of an earlier run where this one has none. */
	public RunReport supplementedBy(RunReport earlier) {
		if (earlier.product() != product()) {
			throw new IllegalArgumentException("The earlier run was on " + earlier.product().title());
		}
		List<ScenarioResult> all = new ArrayList<>(this.results);
		earlier.results()
			.stream()
			.filter((result) -> this.results.stream().noneMatch(result::isOfTheSame))
			.forEach(all::add);
		all.sort(Comparator.comparing(ScenarioResult::scenario).thenComparing(ScenarioResult::flush));
		return new RunReport(this.product, this.machine, this.rounds, this.lengthMillis, this.pollMillis, all);
	}

}
