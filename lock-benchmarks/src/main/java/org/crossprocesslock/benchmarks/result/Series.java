package org.crossprocesslock.benchmarks.result;

import java.util.List;

/**
 * One metric of one contender, round by round.
 *
 * @param variant of the scenario, empty if it has one only
 * @param contender whose
 * @param metric what
 * @param rounds the values
 */
public record Series(String variant, String contender, Metric metric, List<Double> rounds) {

	/** The median of the rounds. */
	public double median() {
		return median(this.rounds);
	}

	static double median(List<Double> values) {
		double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
		int middle = sorted.length / 2;
		return (sorted.length % 2 == 1) ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
	}

}
