package org.crossprocesslock.benchmarks.scenario;

import java.util.Map;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.result.Metric;

/**
 * One contender in one variant of a scenario.
 *
 * @param variant the variant, empty if there is one only
 * @param contender the name of the contender
 * @param round measures once
 */
public record Trial(String variant, String contender, Round round) {

	/** Measures once. */
	public interface Round {

		/**
		 * Measures.
		 * @return what was measured
		 * @throws Exception if it could not be measured, which ends the run
		 */
		Map<Metric, Double> measure() throws Exception;

	}

	/** Measures any contender once. */
	interface RoundOfAContender {

		Map<Metric, Double> measure(Contender contender) throws Exception;

	}

}
