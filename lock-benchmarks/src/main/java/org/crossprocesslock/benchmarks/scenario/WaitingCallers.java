package org.crossprocesslock.benchmarks.scenario;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Terms;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.AcquireAll;
import org.crossprocesslock.benchmarks.worker.Enqueue;
import org.crossprocesslock.benchmarks.worker.TaskProcess;

/**
 * One process that holds keys, and one in which callers wait for them: all for the same
 * one, or each for one of its own.
 */
final class WaitingCallers implements WatchedScenario {

	private static final String KEY_PREFIX = "key-";

	private static final String ONE_KEY = "1 key";

	private static final String OWN_KEYS = "a key for each caller";

	/** Longer than it takes. Renewals of the holder would be counted too. */
	private static final Duration LEASE = Duration.ofHours(1);

	@Override
	public String id() {
		return "7";
	}

	@Override
	public String title() {
		return String.format(Locale.ROOT, "%,d callers wait in one process", Scale.full().waitingCallers());
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		int callers = workbench.conditions().scale().waitingCallers();
		return Stream
			.concat(workbench.trials(ONE_KEY, (contender) -> measure(workbench, contender, ONE_KEY, 1)).stream(),
					workbench.trials(OWN_KEYS, (contender) -> measure(workbench, contender, OWN_KEYS, callers))
						.stream())
			.toList();
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender, String variant, int keys)
			throws Exception {
		Scale scale = workbench.conditions().scale();
		Terms terms = workbench.conditions().terms().withLease(LEASE);
		Crew crew = workbench.crew(contender, variant, 2, terms);
		try {
			crew.member(0).call(new AcquireAll(KEY_PREFIX, keys));
			TaskProcess waiting = crew.member(1);
			waiting.call(new Enqueue(KEY_PREFIX, keys, scale.waitingCallers()));
			Thread.sleep(scale.settle().toMillis());
			return Watch.of(workbench.server(), workbench.database(contender, variant), waiting, scale.watch());
		}
		finally {
			workbench.discard(contender);
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(
				Target.atMost(5, "1 key, statements per second of both processes",
						Compared.number(ONE_KEY, Metric.STATEMENTS)),
				Target.atMost(5, "a key for each caller, statements per second of both processes",
						Compared.number(OWN_KEYS, Metric.STATEMENTS)));
	}

}
