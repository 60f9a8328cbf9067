package org.crossprocesslock.benchmarks.scenario;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Terms;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.AcquireAll;
import org.crossprocesslock.benchmarks.worker.KeepHeld;
import org.crossprocesslock.benchmarks.worker.Task;
import org.crossprocesslock.benchmarks.worker.TaskProcess;

/**
 * One process that holds keys and does nothing else but keep them. This library renews a
 * lease of 10 s every second; ShedLock keeps one of 30 s alive every 15 s; the others are
 * renewed every 10 s of 30 s, by hand.
 */
final class HeldKeys implements WatchedScenario {

	private static final String KEY_PREFIX = "key-";

	private static final int RENEWALS_BY_HAND = 3;

	private static final String FEWEST = variant(Scale.full().heldKeys().get(0));

	private static final String MOST = variant(Scale.full().heldKeys().get(Scale.full().heldKeys().size() - 1));

	@Override
	public String id() {
		return "6";
	}

	@Override
	public String title() {
		return "Keys held";
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		return workbench.conditions()
			.scale()
			.heldKeys()
			.stream()
			.flatMap((keys) -> workbench.trials(variant(keys), (contender) -> measure(workbench, contender, keys))
				.stream())
			.toList();
	}

	private static String variant(int keys) {
		return (keys == 1) ? "1 key" : String.format(Locale.ROOT, "%,d keys", keys);
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender, int keys) throws Exception {
		Scale scale = workbench.conditions().scale();
		Terms terms = workbench.conditions().terms().withRenewal();
		TaskProcess process = workbench.crew(contender, variant(keys), 1, terms).member(0);
		try {
			process.call(new AcquireAll(KEY_PREFIX, keys));
			CompletableFuture<Task.Done> kept = process
				.submit(new KeepHeld(terms.lease().dividedBy(RENEWALS_BY_HAND), scale.settle().plus(scale.watch())));
			Thread.sleep(scale.settle().toMillis());
			Map<Metric, Double> measured = Watch.of(workbench.server(), workbench.database(contender, variant(keys)),
					process, scale.watch());
			kept.join();
			return measured;
		}
		finally {
			workbench.discard(contender);
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(Target.atMost(1.1, MOST + ", statements, times those with " + FEWEST,
				Compared.timesVariant(Metric.STATEMENTS, MOST, FEWEST)));
	}

}
