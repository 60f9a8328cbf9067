package org.crossprocesslock.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.ScenarioResult;

/** Reads what {@link Markdown} has written, of two rounds at most. */
final class Tables {

	private static final Pattern SECTION = Pattern.compile("### (\\w+)\\. [^\n]*\\(([^)]*)\\)\n\n((?:\\|.*\n)+)");

	private static final Pattern CELL = Pattern.compile("([\\d.,]+)(?: \\(([\\d.,]+) - ([\\d.,]+)\\))?");

	private Tables() {
	}

	static RunReport read(Path page) throws IOException {
		List<ScenarioResult> results = SECTION.matcher(Files.readString(page))
			.results()
			.map((section) -> result(section.group(1), section.group(2), section.group(3).lines().toList()))
			.toList();
		return RunReportTests.report(results.toArray(ScenarioResult[]::new));
	}

	private static ScenarioResult result(String scenario, String flush, List<String> lines) {
		ScenarioResult result = ScenarioResult.empty(scenario,
				Arrays.stream(Flush.values()).filter((each) -> each.title().equals(flush)).findFirst().orElseThrow());
		List<String> titles = cells(lines.get(0));
		for (String line : lines.subList(2, lines.size())) {
			List<String> cells = cells(line);
			for (Metric metric : Metric.values()) {
				int column = titles.indexOf(metric.title());
				if (column >= 0) {
					rounds(cells.get(column)).forEach((value) -> result.add(cells.get(0), cells.get(1), metric, value));
				}
			}
		}
		return result;
	}

	private static List<String> cells(String line) {
		return Arrays.stream(line.substring(1, line.length() - 1).split("\\|", -1)).map(String::strip).toList();
	}

	private static List<Double> rounds(String cell) {
		Matcher number = CELL.matcher(cell);
		if (!number.matches()) {
			return List.of();
		}
		return (number.group(2) == null) ? List.of(number(number.group(1)))
				: List.of(number(number.group(2)), number(number.group(3)));
	}

	private static double number(String text) {
		return Double.parseDouble(text.replace(",", ""));
	}

}
