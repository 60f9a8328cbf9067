package org.crossprocesslock.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.contender.Terms;
import org.crossprocesslock.benchmarks.database.BenchmarkServer;
import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.report.Markdown;
import org.crossprocesslock.benchmarks.report.RunReport;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.ScenarioResult;
import org.crossprocesslock.benchmarks.result.Series;
import org.crossprocesslock.benchmarks.scenario.Conditions;
import org.crossprocesslock.benchmarks.scenario.Scale;
import org.crossprocesslock.benchmarks.scenario.Scenario;
import org.crossprocesslock.benchmarks.scenario.Scenarios;
import org.crossprocesslock.benchmarks.scenario.Workbench;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Everything runs and says something; what it says on a busy machine means nothing. */
@Tag("full")
class BenchmarkRunTests {

	private static final String HAND_OVER = "4";

	private static final String MICRO = "micro";

	private static final List<Contender> EVERYBODY = everybody(Product.POSTGRESQL);

	private static final List<Contender> THE_FEWEST = contenders(Library.CROSSPROCESSLOCK, Library.STATEMENTS);

	private static List<Contender> contenders(Library... libraries) {
		return Arrays.stream(libraries).map(Contender::of).toList();
	}

	private static List<Contender> everybody(Product product) {
		return contenders(
				Stream.of(Library.values()).filter((library) -> library.runsOn(product)).toArray(Library[]::new));
	}

	private static Conditions conditions(List<Contender> contenders) {
		return new Conditions(1, Duration.ofMillis(200), Duration.ofMillis(300), Terms.POLL, contenders, Scale.small());
	}

	private static Stream<String> others() {
		return Scenarios.all().stream().map(Scenario::id).filter((id) -> !HAND_OVER.equals(id) && !MICRO.equals(id));
	}

	@ParameterizedTest
	@MethodSource("others")
	void everyScenarioMeasures(String id) throws Exception {
		Scenario scenario = Scenarios.of(id);
		RunReport report = new BenchmarkRun(Product.POSTGRESQL, conditions(THE_FEWEST), (line) -> {
		}).run(List.of(scenario), List.of(Flush.DISK));
		ScenarioResult result = report.results().get(0);
		assertThat(result.series()).isNotEmpty().allSatisfy((series) -> assertThat(series.rounds()).isNotEmpty());
		assertThat(result.series()).allSatisfy(BenchmarkRunTests::isSane);
		assertThat(Markdown.of(report)).contains(scenario.title());
	}

	@Test
	void everyLibraryTakesPartOnMariaDb() throws Exception {
		Assumptions.assumeTrue(TestServer.MARIADB_11_4.absence().isEmpty());
		List<Contender> everybody = everybody(Product.MARIADB);
		List<Scenario> scenarios = Stream.of("1", "2", "3", "4", "5").map(Scenarios::of).toList();
		RunReport report = new BenchmarkRun(Product.MARIADB, conditions(everybody), (line) -> {
		}).run(scenarios, List.of(Flush.DISK));
		assertThat(report.machine().database()).startsWith("MariaDB 11.4");
		for (ScenarioResult result : report.results()) {
			assertThat(result.series()).allSatisfy(BenchmarkRunTests::isSane);
			assertThat(result.variants()).allSatisfy((variant) -> assertThat(result.contenders(variant))
				.containsExactlyInAnyOrderElementsOf(everybody.stream().map(Contender::name).toList()));
		}
	}

	private static void isSane(Series series) {
		switch (series.metric()) {
			case VIOLATIONS -> assertThat(series.median()).isZero();
			case STATEMENTS, CLIENT_CPU, SERVER_CPU, IDLEST_PROCESS, LEAST_TO_MOST ->
				assertThat(series.median()).isNotNegative();
			default -> assertThat(series.median()).isPositive().isFinite();
		}
	}

	@Test
	void everyLibraryHandsOverBetweenProcessesWithASlowFlush() throws Exception {
		ScenarioResult result = new BenchmarkRun(Product.POSTGRESQL, conditions(EVERYBODY), (line) -> {
		}).run(List.of(Scenarios.of(HAND_OVER)), List.of(Flush.SLOW)).results().get(0);
		for (Contender contender : EVERYBODY) {
			assertThat(result.median("", contender.name(), Metric.HAND_OVER_P50)).as(contender.name()).isNotEmpty();
		}
		// two commits that wait for a flush lie between release and acquisition
		assertThat(result.median("", Library.STATEMENTS.title(), Metric.HAND_OVER_P50).orElseThrow()).isGreaterThan(2);
	}

	@Test
	void jmhMeasuresInAJvmOfItsOwn() throws Exception {
		try (BenchmarkServer server = BenchmarkServer.start(Product.POSTGRESQL, Flush.DISK, false);
				Workbench workbench = new Workbench(server, conditions(THE_FEWEST))) {
			Map<Metric, Double> measured = Scenarios.of(MICRO)
				.trials(workbench)
				.stream()
				.filter((trial) -> trial.contender().equals("annotatedCall"))
				.findFirst()
				.orElseThrow()
				.round()
				.measure();
			assertThat(measured.get(Metric.CALL)).isPositive();
			assertThat(measured.get(Metric.ALLOCATION)).isNotNegative();
		}
	}

}
