package org.crossprocesslock.benchmarks.scenario;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.Load;

/** Threads of several processes that want the same few keys. */
final class CompetingProcesses implements Scenario {

	private static final int PROCESSES = 4;

	private static final int THREADS = 4;

	private static final List<Integer> KEYS = List.of(1, 10);

	private static final String ONE_KEY = variant(1);

	private static final String TEN_KEYS = variant(10);

	@Override
	public String id() {
		return "5";
	}

	@Override
	public String title() {
		return PROCESSES + " processes of " + THREADS + " threads";
	}

	@Override
	public Optional<Metric> headline() {
		return Optional.of(Metric.PAIRS);
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		return KEYS.stream()
			.flatMap((keys) -> workbench.trials(variant(keys), (contender) -> measure(workbench, contender, keys))
				.stream())
			.toList();
	}

	private static String variant(int keys) {
		return (keys == 1) ? "1 key" : keys + " keys";
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender, int count) throws Exception {
		Conditions conditions = workbench.conditions();
		List<String> keys = IntStream.range(0, count).mapToObj((i) -> "key-" + i).toList();
		try (Crew crew = workbench.crew(contender, "", PROCESSES, conditions.terms())) {
			LoadRun run = LoadRun.of(crew, keys, Load.Choice.RANDOM, THREADS, conditions, conditions.scale().contest());
			return Map.of(Metric.PAIRS, run.pairsPerSecond(), Metric.IDLEST_PROCESS, run.idlestProcess(),
					Metric.BUSIEST_PROCESS, run.busiestProcess(), Metric.VIOLATIONS, run.violations());
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(
				Target
					.atLeast(8, "1 key, pairs, times those of the best other library",
							Compared.timesTheBestPeer(ONE_KEY, Metric.PAIRS))
					.on(Product.POSTGRESQL),
				Target
					.atLeast(1, "1 key, pairs, times those of the best other library",
							Compared.timesTheBestPeer(ONE_KEY, Metric.PAIRS))
					.on(Product.MARIADB, Product.MYSQL),
				Target.atLeast(1, "10 keys, pairs, times those of the best other library",
						Compared.timesTheBestPeer(TEN_KEYS, Metric.PAIRS)),
				Target
					.atLeast(0.5, "1 key, fair shares of the idlest process",
							Compared.number(ONE_KEY, Metric.IDLEST_PROCESS))
					.on(Product.POSTGRESQL),
				Target
					.atLeast(0.5, "10 keys, fair shares of the idlest process",
							Compared.number(TEN_KEYS, Metric.IDLEST_PROCESS))
					.on(Product.POSTGRESQL),
				Target.atMost(0, "1 key, overlaps", Compared.number(ONE_KEY, Metric.VIOLATIONS)),
				Target.atMost(0, "10 keys, overlaps", Compared.number(TEN_KEYS, Metric.VIOLATIONS)));
	}

}
