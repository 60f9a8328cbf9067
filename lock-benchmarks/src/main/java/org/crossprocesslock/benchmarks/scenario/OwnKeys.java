package org.crossprocesslock.benchmarks.scenario;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.Load;

/** Threads of one process, each with a key of its own. */
final class OwnKeys implements Scenario {

	private static final List<Integer> THREADS = List.of(16, 64);

	private static final String MOST_THREADS = variant(64);

	@Override
	public String id() {
		return "2";
	}

	@Override
	public String title() {
		return "One process, a key for each thread";
	}

	@Override
	public Optional<Metric> headline() {
		return Optional.of(Metric.PAIRS);
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		return THREADS.stream()
			.flatMap((threads) -> workbench
				.trials(variant(threads), (contender) -> measure(workbench, contender, threads))
				.stream())
			.toList();
	}

	private static String variant(int threads) {
		return threads + " threads";
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender, int threads) throws Exception {
		Conditions conditions = workbench.conditions();
		List<String> keys = IntStream.range(0, threads).mapToObj((i) -> "key-" + i).toList();
		try (Crew crew = workbench.crew(contender, "", 1, conditions.terms())) {
			LoadRun run = LoadRun.of(crew, keys, Load.Choice.OWN, threads, conditions, conditions.length());
			return Map.of(Metric.PAIRS, run.pairsPerSecond(), Metric.PAIR_P50, run.pairMicros(0.5));
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(
				Target
					.atLeast(5, "64 threads, pairs, times those of the bare statements",
							Compared.timesThatOf(Library.STATEMENTS, MOST_THREADS, Metric.PAIRS))
					.with(Flush.SLOW),
				Target
					.atLeast(1, "64 threads, pairs, times those of the best other library",
							Compared.timesTheBestPeer(MOST_THREADS, Metric.PAIRS))
					.on(Product.MARIADB, Product.MYSQL),
				Target
					.atLeast(5, "64 threads, pairs, times those of the best other library",
							Compared.timesTheBestPeer(MOST_THREADS, Metric.PAIRS))
					.with(Flush.SLOW));
	}

}
