package org.crossprocesslock.benchmarks.result;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.IntStream;

import org.crossprocesslock.benchmarks.database.Flush;

/**
 * What one scenario has measured. Comparisons are made within a round, where both sides
 * met the same machine, and then the median of the rounds.
 *
 * @param scenario the id of the scenario
 * @param flush what commits waited for
 * @param series all that was measured, in the order of the first round
 */
public record ScenarioResult(String scenario, Flush flush, List<Series> series) {

	/** Nothing yet. */
	public static ScenarioResult empty(String scenario, Flush flush) {
		return new ScenarioResult(scenario, flush, new ArrayList<>());
	}

	/** Whether both are about the same scenario with the same flush. */
	public boolean isOfTheSame(ScenarioResult other) {
		return this.scenario.equals(other.scenario) && this.flush == other.flush;
	}

	/** Adds what one round has measured. */
	public void add(String variant, String contender, Metric metric, double value) {
		find(variant, contender, metric).orElseGet(() -> {
			Series added = new Series(variant, contender, metric, new ArrayList<>());
			this.series.add(added);
			return added;
		}).rounds().add(value);
	}

	/** A series, if it was measured. */
	public Optional<Series> find(String variant, String contender, Metric metric) {
		return this.series.stream()
			.filter((series) -> series.variant().equals(variant) && series.contender().equals(contender)
					&& series.metric() == metric)
			.findFirst();
	}

	/** The median of a series, if it was measured. */
	public OptionalDouble median(String variant, String contender, Metric metric) {
		return find(variant, contender, metric).map((series) -> OptionalDouble.of(series.median()))
			.orElseGet(OptionalDouble::empty);
	}

	/** How many times the value of another contender one has, if both were measured. */
	public OptionalDouble ratio(String variant, Metric metric, String contender, String other) {
		return compare(find(variant, contender, metric), find(variant, other, metric), (one, two) -> one / two);
	}

	/** How many times the value of another variant a contender has in one. */
	public OptionalDouble ratioOfVariants(Metric metric, String contender, String variant, String other) {
		return compare(find(variant, contender, metric), find(other, contender, metric), (one, two) -> one / two);
	}

	/** How much more than another contender one has, if both were measured. */
	public OptionalDouble difference(String variant, Metric metric, String contender, String other) {
		return compare(find(variant, contender, metric), find(variant, other, metric), (one, two) -> one - two);
	}

	private static OptionalDouble compare(Optional<Series> one, Optional<Series> other,
			DoubleBinaryOperator comparison) {
		if (one.isEmpty() || other.isEmpty()) {
			return OptionalDouble.empty();
		}
		List<Double> ones = one.get().rounds();
		List<Double> others = other.get().rounds();
		return OptionalDouble.of(Series.median(IntStream.range(0, Math.min(ones.size(), others.size()))
			.mapToObj((round) -> comparison.applyAsDouble(ones.get(round), others.get(round)))
			.toList()));
	}

	/** Which of some contenders has the best median, of those that were measured. */
	public Optional<String> best(String variant, Metric metric, List<String> contenders) {
		Comparator<Series> order = Comparator.comparingDouble(Series::median);
		return contenders.stream()
			.flatMap((contender) -> find(variant, contender, metric).stream())
			.min(metric.moreIsBetter() ? order.reversed() : order)
			.map(Series::contender);
	}

	/** The variants that were measured. */
	public Set<String> variants() {
		Set<String> variants = new LinkedHashSet<>();
		this.series.forEach((series) -> variants.add(series.variant()));
		return variants;
	}

	/** Who was measured in a variant. */
	public Set<String> contenders(String variant) {
		Set<String> contenders = new LinkedHashSet<>();
		this.series.stream()
			.filter((series) -> series.variant().equals(variant))
			.forEach((series) -> contenders.add(series.contender()));
		return contenders;
	}

	/** What was measured, in the order of the metrics. */
	public Set<Metric> metrics() {
		Set<Metric> metrics = EnumSet.noneOf(Metric.class);
		this.series.forEach((series) -> metrics.add(series.metric()));
		return metrics;
	}

}
