package org.crossprocesslock.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

import org.crossprocesslock.benchmarks.database.BenchmarkServer;
import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.report.Machine;
import org.crossprocesslock.benchmarks.report.RunReport;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.ScenarioResult;
import org.crossprocesslock.benchmarks.scenario.Conditions;
import org.crossprocesslock.benchmarks.scenario.Scenario;
import org.crossprocesslock.benchmarks.scenario.Trial;
import org.crossprocesslock.benchmarks.scenario.Workbench;

/**
 * Runs scenarios, each on a new server. All that is compared takes turns, A B C A B C, so
 * that a machine that becomes slower does so for everybody.
 */
final class BenchmarkRun {

	private final Product product;

	private final Conditions conditions;

	private final Consumer<String> progress;

	BenchmarkRun(Product product, Conditions conditions, Consumer<String> progress) {
		this.product = product;
		this.conditions = conditions;
		this.progress = progress;
	}

	RunReport run(List<Scenario> scenarios, List<Flush> flushes) throws Exception {
		List<ScenarioResult> results = new ArrayList<>();
		String version = "";
		for (Scenario scenario : scenarios) {
			List<Flush> those = scenario.dependsOnFlush() ? flushes : List.of(Flush.DISK);
			for (Flush flush : those) {
				try (BenchmarkServer server = BenchmarkServer.start(this.product, flush, scenario.countsStatements());
						Workbench workbench = new Workbench(server, this.conditions)) {
					version = server.version();
					results.add(run(scenario, flush, workbench));
				}
			}
		}
		return new RunReport(this.product, Machine.thisOne(this.product, version), this.conditions.rounds(),
				this.conditions.length().toMillis(), this.conditions.poll().toMillis(), results);
	}

	private ScenarioResult run(Scenario scenario, Flush flush, Workbench workbench) throws Exception {
		ScenarioResult result = ScenarioResult.empty(scenario.id(), flush);
		List<Trial> trials = scenario.trials(workbench);
		int rounds = scenario.rounds(this.conditions);
		for (int round = 1; round <= rounds; round++) {
			for (Trial trial : trials) {
				Map<Metric, Double> measured = trial.round().measure();
				this.progress.accept(String.format(Locale.ROOT, "%s %s, round %d of %d: %s %s %s", scenario.id(),
						flush.title(), round, rounds, trial.variant(), trial.contender(), measured));
				measured.forEach((metric, value) -> result.add(trial.variant(), trial.contender(), metric, value));
			}
		}
		return result;
	}

}
