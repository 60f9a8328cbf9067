package org.crossprocesslock.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.ScenarioResult;
import org.crossprocesslock.benchmarks.result.Series;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.scenario.Scenario;
import org.crossprocesslock.benchmarks.scenario.Scenarios;

/** A run as tables. */
public final class Markdown {

	private final RunReport run;

	private final StringBuilder text = new StringBuilder();

	private Markdown(RunReport run) {
		this.run = run;
	}

	/** The tables of a run. */
	public static String of(RunReport run) {
		return new Markdown(run).write();
	}

	private String write() {
		machine();
		targets();
		this.run.results().forEach(this::scenario);
		return this.text.toString();
	}

	private void line(String format, Object... arguments) {
		this.text.append(String.format(Locale.ROOT, format, arguments)).append('\n');
	}

	private void row(List<String> cells) {
		line("| %s |", String.join(" | ", cells));
	}

	private void head(List<String> cells) {
		row(cells);
		row(cells.stream().map((cell) -> "---").toList());
	}

	private void machine() {
		Machine machine = this.run.machine();
		line("%s, %,d MiB, %s, %s, %s; a flush of 8 kB took %s µs (median). %s.", machine.cpu(),
				machine.memoryMebibytes(), machine.operatingSystem(), machine.java(), machine.database(),
				Numbers.format(machine.flushMicros()), String.join(", ", machine.libraries()));
		line("Rounds of %s s unless a scenario has a length of its own, as many as its table says; medians of the rounds, "
				+ "lowest and highest in parentheses. Other libraries try again every %d ms.%n",
				Numbers.format(this.run.lengthMillis() / 1e3), this.run.pollMillis());
	}

	private void targets() {
		line("### Targets%n");
		head(List.of("Scenario", "Flush", "Target", "Measured", ""));
		for (ScenarioResult result : this.run.results()) {
			Scenario scenario = Scenarios.of(result.scenario());
			scenario.targets()
				.stream()
				.filter((target) -> target.products().contains(this.run.product()))
				.filter((target) -> target.flushes().contains(result.flush()))
				.forEach((target) -> row(row(result, scenario, target)));
		}
		line("");
	}

	private static List<String> row(ScenarioResult result, Scenario scenario, Target target) {
		OptionalDouble measured = target.measured().apply(result);
		return List.of(scenario.id(), scenario.dependsOnFlush() ? result.flush().title() : "",
				(target.isUpper() ? "at most " : "at least ") + Numbers.format(target.limit()) + ": " + target.text(),
				measured.isPresent() ? Numbers.format(measured.getAsDouble()) : "-", verdict(target, measured));
	}

	private static String verdict(Target target, OptionalDouble measured) {
		if (measured.isEmpty()) {
			return "not measured";
		}
		return target.isMet(measured.getAsDouble()) ? "met" : "**not met**";
	}

	private void scenario(ScenarioResult result) {
		Scenario scenario = Scenarios.of(result.scenario());
		line("### %s. %s%s%n", scenario.id(), scenario.title(),
				scenario.dependsOnFlush() ? " (" + result.flush().title() + ")" : "");
		int rounds = result.series().stream().mapToInt((series) -> series.rounds().size()).max().orElse(0);
		List<String> cells = new ArrayList<>(List.of((rounds == 1) ? "1 round" : rounds + " rounds", "contender"));
		for (Metric metric : result.metrics()) {
			cells.add(metric.title());
			if (scenario.headline().filter(metric::equals).isPresent()) {
				cells.add((metric.moreIsBetter() ? "times as many as " : "times as long as ")
						+ Library.STATEMENTS.title());
			}
		}
		head(cells);
		for (String variant : result.variants()) {
			result.contenders(variant).forEach((contender) -> row(row(result, scenario, variant, contender)));
		}
		line("");
	}

	private static List<String> row(ScenarioResult result, Scenario scenario, String variant, String contender) {
		List<String> cells = new ArrayList<>(List.of(variant, contender));
		for (Metric metric : result.metrics()) {
			cells.add(result.find(variant, contender, metric).map(Markdown::cell).orElse(""));
			if (scenario.headline().filter(metric::equals).isPresent()) {
				OptionalDouble ratio = result.ratio(variant, metric, contender, Library.STATEMENTS.title());
				cells.add(ratio.isPresent() ? Numbers.format(ratio.getAsDouble()) : "");
			}
		}
		return cells;
	}

	private static String cell(Series series) {
		String median = Numbers.format(series.median());
		if (series.rounds().size() == 1) {
			return median;
		}
		double lowest = series.rounds().stream().mapToDouble(Double::doubleValue).min().orElseThrow();
		double highest = series.rounds().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
		return median + " (" + Numbers.format(lowest) + " - " + Numbers.format(highest) + ")";
	}

}
