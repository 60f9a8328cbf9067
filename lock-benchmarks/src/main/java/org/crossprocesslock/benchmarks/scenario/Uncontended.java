package org.crossprocesslock.benchmarks.scenario;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.Load;

/** One thread, one key. */
final class Uncontended implements Scenario {

	private static final List<String> KEYS = List.of("key-0");

	@Override
	public String id() {
		return "1";
	}

	@Override
	public String title() {
		return "One thread, one key";
	}

	@Override
	public Optional<Metric> headline() {
		return Optional.of(Metric.PAIR_P50);
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		return workbench.trials("", (contender) -> measure(workbench, contender));
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender) throws Exception {
		Conditions conditions = workbench.conditions();
		try (Crew crew = workbench.crew(contender, "", 1, conditions.terms())) {
			LoadRun run = LoadRun.of(crew, KEYS, Load.Choice.OWN, 1, conditions, conditions.length());
			return Map.of(Metric.PAIR_P50, run.pairMicros(0.5), Metric.PAIR_P99, run.pairMicros(0.99));
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(
				Target
					.atMost(1.25, "median, times that of the bare statements",
							Compared.timesThatOf(Library.STATEMENTS, "", Metric.PAIR_P50))
					.with(Flush.DISK)
					.on(Product.POSTGRESQL),
				// a token costs a read there, see what the bare fenced statements are
				Target
					.atMost(1.5, "median, times that of the bare fenced statements",
							Compared.timesThatOf(Library.FENCED_STATEMENTS, "", Metric.PAIR_P50))
					.on(Product.MARIADB),
				Target
					.atMost(0.65, "median, times that of the bare statements",
							Compared.timesThatOf(Library.STATEMENTS, "", Metric.PAIR_P50))
					.with(Flush.SLOW),
				Target
					.atLeast(2, "times as fast as ShedLock, by the median",
							Compared.timesAsFastAs(Library.SHEDLOCK, "", Metric.PAIR_P50))
					.with(Flush.SLOW));
	}

}
