package org.crossprocesslock.benchmarks.scenario;

import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.Load;

/**
 * One thread that takes keys in use from a table with few and with many rows of keys that
 * nobody uses. Libraries that leave no row are not asked.
 */
final class IdleRows implements Scenario {

	private static final int KEYS_IN_USE = 100;

	private static final String FEW = "few idle rows";

	private static final String MANY = "many idle rows";

	@Override
	public String id() {
		return "8";
	}

	@Override
	public String title() {
		return String.format(Locale.ROOT, "%,d and %,d idle rows in the table", Scale.full().fewIdleRows(),
				Scale.full().manyIdleRows());
	}

	@Override
	public Optional<Metric> headline() {
		return Optional.of(Metric.PAIR_P50);
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		Scale scale = workbench.conditions().scale();
		List<Contender> contenders = workbench.conditions()
			.contenders()
			.stream()
			.filter((contender) -> contender.library().idleRows().isPresent())
			.toList();
		return Stream
			.concat(trials(workbench, contenders, FEW, scale.fewIdleRows()),
					trials(workbench, contenders, MANY, scale.manyIdleRows()))
			.toList();
	}

	private static Stream<Trial> trials(Workbench workbench, List<Contender> contenders, String variant, int rows) {
		return Workbench.trials(variant, contenders, (contender) -> measure(workbench, contender, variant, rows))
			.stream();
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender, String variant, int rows)
			throws Exception {
		fill(workbench, contender, variant, rows);
		Conditions conditions = workbench.conditions();
		List<String> keys = IntStream.rangeClosed(1, KEYS_IN_USE)
			.mapToObj((i) -> "idle-" + (i * (long) rows / KEYS_IN_USE))
			.toList();
		try (Crew crew = workbench.crew(contender, variant, 1, conditions.terms())) {
			LoadRun run = LoadRun.of(crew, keys, Load.Choice.RANDOM, 1, conditions, conditions.length());
			return Map.of(Metric.PAIR_P50, run.pairMicros(0.5), Metric.PAIR_P99, run.pairMicros(0.99));
		}
	}

	private static void fill(Workbench workbench, Contender contender, String variant, int rows) throws SQLException {
		if (workbench.isNew(contender, variant)) {
			Database database = workbench.database(contender, variant);
			database.execute(String.format(Locale.ROOT, contender.library().idleRows().orElseThrow(), rows),
					"vacuum analyze", "checkpoint");
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(Target.atMost(1.3, "many idle rows, median, times that with few",
				Compared.timesVariant(Metric.PAIR_P50, MANY, FEW)));
	}

	@Override
	public Set<Product> products() {
		return Set.of(Product.POSTGRESQL);
	}

	/** A slower flush would only hide what the rows cost. */
	@Override
	public boolean dependsOnFlush() {
		return false;
	}

}
