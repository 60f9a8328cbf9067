package org.crossprocesslock.benchmarks.scenario;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.micro.AnnotatedCalls;
import org.crossprocesslock.benchmarks.micro.MemoryLockCalls;
import org.crossprocesslock.benchmarks.micro.WatchedCalls;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * What happens in the process, without a database: each round of each is a run of JMH in
 * a JVM of its own.
 */
final class InProcess implements Scenario {

	private static final String ONE_THREAD = "1 thread";

	private static final int ITERATIONS = 4;

	private static final String ALLOCATION = "gc.alloc.rate.norm";

	@Override
	public String id() {
		return "micro";
	}

	@Override
	public Set<Product> products() {
		return Set.of(Product.POSTGRESQL);
	}

	@Override
	public String title() {
		return "In one process, without a database";
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		Conditions conditions = workbench.conditions();
		return List.of(trial(conditions, AnnotatedCalls.class, "plainCall", 1),
				trial(conditions, AnnotatedCalls.class, "lockManagerCall", 1),
				trial(conditions, AnnotatedCalls.class, "annotatedCall", 1),
				trial(conditions, AnnotatedCalls.class, "annotatedCallWithExpression", 1),
				trial(conditions, AnnotatedCalls.class, "concurrencyLimitCall", 1),
				trial(conditions, WatchedCalls.class, "unwatchedCall", 1),
				trial(conditions, WatchedCalls.class, "measuredCall", 1),
				trial(conditions, WatchedCalls.class, "unheardCall", 1),
				trial(conditions, WatchedCalls.class, "observedCall", 1),
				trial(conditions, MemoryLockCalls.class, "memoryLock", 1),
				trial(conditions, MemoryLockCalls.class, "reentrantLock", 1),
				trial(conditions, MemoryLockCalls.class, "memoryLock", 2),
				trial(conditions, MemoryLockCalls.class, "reentrantLock", 2));
	}

	private static Trial trial(Conditions conditions, Class<?> type, String method, int threads) {
		String variant = (threads == 1) ? ONE_THREAD : threads + " threads";
		return new Trial(variant, method, () -> measure(conditions, type, method, threads));
	}

	private static Map<Metric, Double> measure(Conditions conditions, Class<?> type, String method, int threads)
			throws RunnerException {
		Options options = new OptionsBuilder().include("^" + type.getName().replace(".", "\\.") + "\\." + method + "$")
			.threads(threads)
			.forks(1)
			.warmupIterations(ITERATIONS)
			.warmupTime(TimeValue.milliseconds(conditions.warmUp().toMillis() / ITERATIONS))
			.measurementIterations(ITERATIONS)
			.measurementTime(TimeValue.milliseconds(conditions.length().toMillis() / ITERATIONS))
			.addProfiler(GCProfiler.class)
			.verbosity(VerboseMode.SILENT)
			.build();
		RunResult result = new Runner(options).runSingle();
		return Map.of(Metric.CALL, result.getPrimaryResult().getScore(), Metric.ALLOCATION,
				Objects.requireNonNull(result.getSecondaryResults().get(ALLOCATION)).getScore());
	}

	@Override
	public List<Target> targets() {
		return List.of(
				Target.atMost(1000, "nanoseconds that the annotation adds to the call of the LockManager",
						(result) -> result.difference(ONE_THREAD, Metric.CALL, "annotatedCall", "lockManagerCall")),
				Target.atMost(1000, "nanoseconds that the annotation adds, with an expression in the key",
						(result) -> result.difference(ONE_THREAD, Metric.CALL, "annotatedCallWithExpression",
								"lockManagerCall")));
	}

	@Override
	public boolean dependsOnFlush() {
		return false;
	}

}
