package org.crossprocesslock.benchmarks.scenario;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;

import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.ScenarioResult;

/** Numbers of this library for the targets of the scenarios. */
final class Compared {

	private static final String SUBJECT = Library.CROSSPROCESSLOCK.title();

	private static final List<String> PEERS = Arrays.stream(Library.values())
		.filter((library) -> library.role() == Library.Role.PEER)
		.map(Library::title)
		.toList();

	private Compared() {
	}

	/** The plain number. */
	static Function<ScenarioResult, OptionalDouble> number(String variant, Metric metric) {
		return (result) -> result.median(variant, SUBJECT, metric);
	}

	/** How many times the value of another one it has. */
	static Function<ScenarioResult, OptionalDouble> timesThatOf(Library other, String variant, Metric metric) {
		return (result) -> result.ratio(variant, metric, SUBJECT, other.title());
	}

	/**
	 * How many times it is as fast as another one, by a metric of which less is better.
	 */
	static Function<ScenarioResult, OptionalDouble> timesAsFastAs(Library other, String variant, Metric metric) {
		return (result) -> result.ratio(variant, metric, other.title(), SUBJECT);
	}

	/** How many times it is as good as the best of the other libraries. */
	static Function<ScenarioResult, OptionalDouble> timesTheBestPeer(String variant, Metric metric) {
		return (result) -> result.best(variant, metric, PEERS)
			.map((best) -> metric.moreIsBetter() ? result.ratio(variant, metric, SUBJECT, best)
					: result.ratio(variant, metric, best, SUBJECT))
			.orElseGet(OptionalDouble::empty);
	}

	/** How many times one of its numbers another one is. */
	static Function<ScenarioResult, OptionalDouble> timesMetric(String variant, Metric metric, Metric other) {
		return (result) -> {
			OptionalDouble divisor = result.median(variant, SUBJECT, other);
			OptionalDouble value = result.median(variant, SUBJECT, metric);
			return (value.isPresent() && divisor.isPresent())
					? OptionalDouble.of(value.getAsDouble() / divisor.getAsDouble()) : OptionalDouble.empty();
		};
	}

	/** How many times the value of another variant it has. */
	static Function<ScenarioResult, OptionalDouble> timesVariant(Metric metric, String variant, String other) {
		return (result) -> result.ratioOfVariants(metric, SUBJECT, variant, other);
	}

}
