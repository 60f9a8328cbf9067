package org.crossprocesslock.benchmarks.scenario;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.Acquire;
import org.crossprocesslock.benchmarks.worker.Load;
import org.crossprocesslock.benchmarks.worker.LongList;
import org.crossprocesslock.benchmarks.worker.Release;
import org.crossprocesslock.benchmarks.worker.TaskProcess;

/**
 * Two processes, of which one waits until the other releases. The one that waits has done
 * so for a random while, so that pauses between attempts show in full.
 */
final class HandOver implements Scenario {

	private static final String KEY = "key-0";

	private static final List<String> KEYS_TO_WARM_UP = List.of("warm-up");

	private static final int SHORTEST_WAIT_MILLIS = 20;

	private static final int LONGEST_WAIT_MILLIS = 120;

	private static final double NANOS_PER_MILLI = 1e6;

	@Override
	public String id() {
		return "4";
	}

	@Override
	public String title() {
		return "Hand-over between two processes";
	}

	@Override
	public Optional<Metric> headline() {
		return Optional.of(Metric.HAND_OVER_P50);
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		return Workbench.trials("", workbench.conditions().all(), (contender) -> measure(workbench, contender));
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender) throws Exception {
		Conditions conditions = workbench.conditions();
		try (Crew crew = workbench.crew(contender, "", 2, conditions.terms())) {
			LoadRun.warmUp(crew, KEYS_TO_WARM_UP, Load.Choice.OWN, 1, conditions);
			Collection<LongList> nanos = List.of(handOvers(crew, conditions.length()));
			return Map.of(Metric.HAND_OVER_P50, LongList.percentile(nanos, 0.5) / NANOS_PER_MILLI, Metric.HAND_OVER_P90,
					LongList.percentile(nanos, 0.9) / NANOS_PER_MILLI);
		}
	}

	private static LongList handOvers(Crew crew, Duration length) throws InterruptedException {
		LongList nanos = new LongList();
		SplittableRandom random = new SplittableRandom();
		TaskProcess holder = crew.member(0);
		TaskProcess waiter = crew.member(1);
		holder.call(new Acquire(KEY));
		long end = System.nanoTime() + length.toNanos();
		while (nanos.size() == 0 || System.nanoTime() - end < 0) {
			CompletableFuture<Long> acquired = waiter.submit(new Acquire(KEY));
			Thread.sleep(random.nextInt(SHORTEST_WAIT_MILLIS, LONGEST_WAIT_MILLIS));
			long released = holder.call(new Release());
			nanos.add(acquired.join() - released);
			TaskProcess next = waiter;
			waiter = holder;
			holder = next;
		}
		holder.call(new Release());
		return nanos;
	}

	@Override
	public List<Target> targets() {
		return List.of(
				Target
					.atMost(1.3, "median, times that of the bare notify and acquire",
							Compared.timesThatOf(Library.NOTIFYING_STATEMENTS, "", Metric.HAND_OVER_P50))
					.on(Product.POSTGRESQL),
				Target
					.atLeast(8, "times as fast as the best other library, by the median",
							Compared.timesTheBestPeer("", Metric.HAND_OVER_P50))
					.on(Product.POSTGRESQL));
	}

}
