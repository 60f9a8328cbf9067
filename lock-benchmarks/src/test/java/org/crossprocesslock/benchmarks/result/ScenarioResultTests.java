package org.crossprocesslock.benchmarks.result;

import java.util.List;
import java.util.OptionalDouble;

import org.crossprocesslock.benchmarks.database.Flush;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ScenarioResultTests {

	private final ScenarioResult result = ScenarioResult.empty("1", Flush.DISK);

	@Test
	void ratioIsTheMedianOfTheRatiosOfTheRounds() {
		add("ours", Metric.PAIRS, 10, 300, 40);
		add("theirs", Metric.PAIRS, 5, 100, 10);
		// the machine was much faster in the second round, for both
		assertThat(this.result.ratio("", Metric.PAIRS, "ours", "theirs")).hasValue(3);
	}

	@Test
	void differenceIsTheMedianOfTheDifferencesOfTheRounds() {
		add("with", Metric.START_UP, 1050, 2060);
		add("without", Metric.START_UP, 1000, 2000);
		assertThat(this.result.difference("", Metric.START_UP, "with", "without")).hasValue(55);
	}

	@Test
	void nothingIsComparedWithWhatWasNotMeasured() {
		add("ours", Metric.PAIRS, 10);
		assertThat(this.result.ratio("", Metric.PAIRS, "ours", "theirs")).isEmpty();
		assertThat(this.result.median("other variant", "ours", Metric.PAIRS)).isEmpty();
	}

	@Test
	void bestHasTheLowestOrTheHighestMedianAsTheMetricWantsIt() {
		add("a", Metric.PAIRS, 1, 2, 9);
		add("b", Metric.PAIRS, 3, 3, 3);
		add("a", Metric.PAIR_P50, 1, 2, 9);
		add("b", Metric.PAIR_P50, 3, 3, 3);
		List<String> both = List.of("a", "b", "absent");
		assertThat(this.result.best("", Metric.PAIRS, both)).hasValue("b");
		assertThat(this.result.best("", Metric.PAIR_P50, both)).hasValue("a");
	}

	@Test
	void limitItselfIsWithinATarget() {
		assertThat(Target.atMost(5, "", (result) -> OptionalDouble.empty()).isMet(5)).isTrue();
		assertThat(Target.atMost(5, "", (result) -> OptionalDouble.empty()).isMet(5.1)).isFalse();
		assertThat(Target.atLeast(5, "", (result) -> OptionalDouble.empty()).isMet(5)).isTrue();
		assertThat(Target.atLeast(5, "", (result) -> OptionalDouble.empty()).isMet(4.9)).isFalse();
	}

	private void add(String contender, Metric metric, double... rounds) {
		for (double value : rounds) {
			this.result.add("", contender, metric, value);
		}
	}

}
