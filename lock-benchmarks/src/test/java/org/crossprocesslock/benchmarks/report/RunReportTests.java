package org.crossprocesslock.benchmarks.report;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

import javax.xml.parsers.DocumentBuilderFactory;

import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.ScenarioResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class RunReportTests {

	private static final Pattern VALUE = Pattern.compile("(?<=<text class='value'[^>]{0,99}>)[^<]+");

	private final RunReport report = report(result("1", Flush.DISK, 130));

	@Test
	void targetThatIsMissedIsMarked() {
		assertThat(Markdown.of(this.report)).contains("| 1 | disk as it is | at most 1.25: median, times that of the "
				+ "bare statements | 1.30 | **not met** |");
		assertThat(Markdown.of(report(result("1", Flush.DISK, 120)))).contains("| 1.20 | met |");
	}

	@Test
	void tableHasTheRatioBesideTheNumber() {
		assertThat(Markdown.of(this.report)).contains("|  | crossprocesslock | 130 | 1.30 |");
	}

	@Test
	void jsonIsReadAsItWasWritten(@TempDir Path directory) throws IOException {
		Path file = Files.writeString(directory.resolve("results.json"), Json.of(this.report));
		assertThat(Json.read(file)).isEqualTo(this.report);
	}

	@Test
	void earlierRunSuppliesWhatThisOneLeftOut() {
		ScenarioResult replaced = result("1", Flush.DISK, 999);
		ScenarioResult leftOut = result("1", Flush.SLOW, 100);
		ScenarioResult later = result("2", Flush.DISK, 100);
		RunReport all = report(later, this.report.results().get(0)).supplementedBy(report(replaced, leftOut));
		assertThat(all.results()).containsExactly(this.report.results().get(0), leftOut, later);
	}

	@Test
	void earlierRunOnAnotherDatabaseIsNoSupplement() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.report.supplementedBy(report(Product.MARIADB, result("2", Flush.DISK, 100))))
			.withMessageContaining("MariaDB");
	}

	@Test
	void targetsAreThoseOfTheDatabase() {
		ScenarioResult result = result("5", Flush.DISK, 100);
		assertThat(Markdown.of(report(result))).contains("at least 8.00: 1 key, pairs");
		assertThat(Markdown.of(report(Product.MARIADB, result))).contains("at least 1.00: 1 key, pairs")
			.doesNotContain("at least 8.00");
	}

	@Test
	void chartIsXmlWithABarForEachContender() throws Exception {
		String chart = Chart.of(this.report);
		assertThat(DocumentBuilderFactory.newInstance()
			.newDocumentBuilder()
			.parse(new InputSource(new StringReader(chart)))
			.getElementsByTagName("rect")
			.getLength()).as("bars, and the paper").isEqualTo(3);
		assertThat(chart).contains(">0.13<", "(prefers-color-scheme: dark)");
	}

	/** Whoever edits one of them has to run the program, or edit the other. */
	@ParameterizedTest
	@ValueSource(strings = { "benchmark", "benchmark-mariadb" })
	void chartOfThePageIsThatOfItsTables(String name) throws IOException {
		Path page = Path.of("../docs/internals", name + ".md");
		String chart = Files.readString(page.resolveSibling(name + ".svg"));
		String drawn = Chart.of(Tables.read(page));
		assertThat(VALUE.matcher(chart).replaceAll("")).isEqualTo(VALUE.matcher(drawn).replaceAll(""));
		// those of the tables are rounded once before
		assertThat(values(chart)).usingComparatorForType(
				(one, other) -> (Math.abs(one - other) <= other / 50) ? 0 : Double.compare(one, other), Double.class)
			.containsExactlyElementsOf(values(drawn));
	}

	private static List<Double> values(String chart) {
		return VALUE.matcher(chart).results().map((found) -> Double.valueOf(found.group().replace(",", ""))).toList();
	}

	@Test
	void pageKeepsWhatIsAroundTheResults(@TempDir Path directory) throws IOException {
		Path page = directory.resolve("page.md");
		Files.writeString(page, "before\n<!-- results -->\nold\n<!-- end of results -->\nafter\n");
		Page.at(page).show(this.report);
		assertThat(page).content()
			.startsWith("before\n<!-- results -->\n")
			.contains("(page.svg)", "**not met**")
			.doesNotContain("old")
			.endsWith("\n<!-- end of results -->\nafter\n");
		assertThat(directory.resolve("page.svg")).exists();
	}

	@Test
	void pageWithoutAPlaceForResultsIsLeftAlone(@TempDir Path directory) throws IOException {
		Path page = Files.writeString(directory.resolve("page.md"), "text");
		assertThatIllegalArgumentException().isThrownBy(() -> Page.at(page).show(this.report));
		assertThat(page).hasContent("text");
	}

	static RunReport report(ScenarioResult... results) {
		return report(Product.POSTGRESQL, results);
	}

	private static RunReport report(Product product, ScenarioResult... results) {
		return new RunReport(product,
				new Machine("2 x CPU", 1024, "OS", "JVM", 60, product.title(), List.of("jar-1.0")), 1, 1000, 100,
				List.of(results));
	}

	private static ScenarioResult result(String scenario, Flush flush, double micros) {
		ScenarioResult result = ScenarioResult.empty(scenario, flush);
		result.add("", Library.CROSSPROCESSLOCK.title(), Metric.PAIR_P50, micros);
		result.add("", Library.STATEMENTS.title(), Metric.PAIR_P50, 100);
		return result;
	}

}
