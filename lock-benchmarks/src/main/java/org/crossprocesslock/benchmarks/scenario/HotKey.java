package org.crossprocesslock.benchmarks.scenario;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.Load;

/** Threads of one process that all want the same key. */
final class HotKey implements Scenario {

	private static final int THREADS = 16;

	private static final List<String> KEYS = List.of("key-0");

	@Override
	public String id() {
		return "3";
	}

	@Override
	public String title() {
		return "One process, " + THREADS + " threads, one key";
	}

	@Override
	public Optional<Metric> headline() {
		return Optional.of(Metric.PAIRS);
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		return workbench.trials("", (contender) -> measure(workbench, contender));
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender) throws Exception {
		Conditions conditions = workbench.conditions();
		try (Crew crew = workbench.crew(contender, "", 1, conditions.terms())) {
			LoadRun run = LoadRun.of(crew, KEYS, Load.Choice.OWN, THREADS, conditions, conditions.length());
			return Map.of(Metric.PAIRS, run.pairsPerSecond(), Metric.BUSIEST_THREAD, run.busiestThread(),
					Metric.VIOLATIONS, run.violations());
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(
				Target
					.atLeast(12, "pairs, times those of the best other library",
							Compared.timesTheBestPeer("", Metric.PAIRS))
					.with(Flush.DISK),
				Target
					.atLeast(25, "pairs, times those of the best other library",
							Compared.timesTheBestPeer("", Metric.PAIRS))
					.with(Flush.SLOW),
				Target.atMost(1.2, "fair shares of the busiest thread", Compared.number("", Metric.BUSIEST_THREAD)),
				Target.atMost(0, "overlaps", Compared.number("", Metric.VIOLATIONS)));
	}

}
