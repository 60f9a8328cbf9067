package org.crossprocesslock.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.ScenarioResult;
import org.crossprocesslock.benchmarks.scenario.Scenario;
import org.crossprocesslock.benchmarks.scenario.Scenarios;

/**
 * A run as a picture (SVG): how many times as fast as the bare statements each contender
 * is, on a logarithmic scale.
 */
public final class Chart {

	private static final String BASE = Library.STATEMENTS.title();

	private static final int WIDTH = 900;

	private static final int MIDDLE = 480;

	private static final int LINE = 18;

	private static final int DECADE = 120;

	/** Beyond a factor of a thousand a bar only says "much". */
	private static final double LONGEST = 3;

	private final List<String> shapes = new ArrayList<>();

	private int y = LINE;

	private Chart() {
	}

	/** The picture of a run. */
	public static String of(RunReport run) {
		Chart chart = new Chart();
		run.results().forEach(chart::add);
		return chart.write();
	}

	private void add(ScenarioResult result) {
		Scenario scenario = Scenarios.of(result.scenario());
		scenario.headline().ifPresent((metric) -> {
			for (String variant : result.variants()) {
				heading(String.format(Locale.ROOT, "%s. %s%s: %s (%s)", scenario.id(), scenario.title(),
						variant.isEmpty() ? "" : ", " + variant, metric.title(), result.flush().title()));
				result.contenders(variant).forEach((contender) -> bar(result, variant, metric, contender));
			}
		});
	}

	private void heading(String text) {
		this.y += LINE / 2;
		text(10, "start", "bold", text);
		this.y += LINE;
	}

	private void bar(ScenarioResult result, String variant, Metric metric, String contender) {
		OptionalDouble timesAsFast = metric.moreIsBetter() ? result.ratio(variant, metric, contender, BASE)
				: result.ratio(variant, metric, BASE, contender);
		if (timesAsFast.isEmpty()) {
			return;
		}
		double factor = timesAsFast.getAsDouble();
		long length = Math.round(Math.max(-LONGEST, Math.min(LONGEST, Math.log10(factor))) * DECADE);
		this.shapes.add(String.format(Locale.ROOT, "<rect x='%d' y='%d' width='%d' height='%d' fill='%s'/>",
				MIDDLE + Math.min(0, length), this.y - LINE + 6, Math.max(1, Math.abs(length)), LINE - 5,
				contender.startsWith(Library.CROSSPROCESSLOCK.title()) ? "#2a6f97" : "#a9b4bd"));
		text(20, "start", "normal", contender);
		text(MIDDLE + Math.max(0, length) + 6, "start", "normal", Numbers.format(factor) + " x");
		this.y += LINE;
	}

	private void text(long x, String anchor, String weight, String text) {
		this.shapes.add(String.format(Locale.ROOT, "<text x='%d' y='%d' text-anchor='%s' font-weight='%s'>%s</text>", x,
				this.y, anchor, weight, text.replace("&", "&amp;").replace("<", "&lt;")));
	}

	private String write() {
		return String.format(Locale.ROOT, """
				<svg xmlns='http://www.w3.org/2000/svg' width='%1$d' height='%2$d' font-family='sans-serif' \
				font-size='12'>
				<rect width='%1$d' height='%2$d' fill='white'/>
				<text x='%3$d' y='12' text-anchor='middle'>times as fast as the %4$s, logarithmic</text>
				<line x1='%3$d' y1='16' x2='%3$d' y2='%2$d' stroke='#555'/>
				%5$s
				</svg>
				""", WIDTH, this.y + LINE, MIDDLE, BASE, String.join("\n", this.shapes));
	}

}
