package org.crossprocesslock.benchmarks.report;

import java.util.List;

import org.crossprocesslock.benchmarks.result.ScenarioResult;

/**
 * Everything about one run.
 *
 * @param machine what it ran on
 * @param rounds how many rounds
 * @param lengthMillis how long a measurement was, where a scenario has no length of its
 * own
 * @param pollMillis pause between two attempts of the other libraries
 * @param results what was measured
 */
public record RunReport(Machine machine, int rounds, long lengthMillis, long pollMillis, List<ScenarioResult> results) {

}
