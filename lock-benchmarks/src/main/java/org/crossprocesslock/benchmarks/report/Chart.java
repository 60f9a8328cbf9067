package org.crossprocesslock.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.database.Flush;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.ScenarioResult;
import org.crossprocesslock.benchmarks.result.Series;

/**
 * A run as a picture (SVG), for somebody who has a minute: three scenarios in their own
 * units, on linear scales that begin at zero, with the lowest and the highest round.
 * Light or dark as the reader's browser is.
 */
public final class Chart {

	private static final List<Panel> PANELS = List.of(
			new Panel("1", Metric.PAIR_P50, 1000, "One uncontended lock: acquire and release", "ms, shorter is better"),
			new Panel("4", Metric.HAND_OVER_P50, 1, "A hand-over to another process that waits",
					"ms from release to acquired, shorter is better"),
			new Panel("3", Metric.PAIRS, 1000, "One hot key, 16 threads of one process: served in memory",
					"thousand acquisitions per second, longer is better"));

	private static final String STYLE = """
			<style>
			svg { --ink: #1f2328; --soft: #59636e; --paper: #ffffff; --line: #d1d9e0; --ours: #0969da; --other: #afb8c1 }
			@media (prefers-color-scheme: dark) {
			svg { --ink: #f0f6fc; --soft: #9198a1; --paper: #0d1117; --line: #3d444d; --ours: #4493f8; --other: #656c76 }
			}
			text { font: 13px system-ui, sans-serif; fill: var(--ink) }
			.title { font-weight: 600; font-size: 14px }
			.soft { fill: var(--soft); font-size: 12px }
			.paper { fill: var(--paper) }
			.ours { fill: var(--ours) }
			.other { fill: var(--other) }
			.grid { stroke: var(--line) }
			.spread { stroke: var(--ink) }
			</style>
			""";

	private static final int WIDTH = 860;

	private static final int LINE = 24;

	/** From the left edge of one of two columns. */
	private static final int NAMES = 160;

	private static final int BARS = 180;

	private static final int COLUMN = 430;

	private static final int MARGIN = 16;

	private final List<String> shapes = new ArrayList<>();

	private int y = MARGIN;

	private Chart() {
	}

	/** The picture of a run. */
	public static String of(RunReport run) {
		Chart chart = new Chart();
		PANELS.forEach((panel) -> chart.add(panel, run.results()));
		return chart.write();
	}

	private void add(Panel panel, List<ScenarioResult> results) {
		List<ScenarioResult> shown = results.stream()
			.filter((result) -> result.scenario().equals(panel.scenario()))
			.toList();
		if (shown.isEmpty()) {
			return;
		}
		this.y += LINE;
		text(MARGIN, "title", panel.title());
		this.y += LINE - 4;
		text(MARGIN, "soft", panel.unit());
		double longest = scale(shown.stream()
			.flatMap((result) -> panel.bars(result).stream())
			.mapToDouble(Bar::highest)
			.max()
			.orElse(0));
		int top = this.y;
		int lowest = top;
		for (ScenarioResult result : shown) {
			this.y = top;
			column((result.flush() == Flush.DISK) ? MARGIN : MARGIN + COLUMN, result.flush(), panel.bars(result),
					longest);
			lowest = Math.max(lowest, this.y);
		}
		this.y = lowest + LINE / 2;
	}

	private void column(int x, Flush flush, List<Bar> bars, double longest) {
		this.y += LINE;
		text(x + NAMES, "soft", flush.title());
		int top = this.y + 6;
		int height = bars.size() * LINE;
		for (int part = 0; part <= 2; part++) {
			int at = x + NAMES + part * BARS / 2;
			this.shapes.add(String.format(Locale.ROOT, "<line class='grid' x1='%1$d' y1='%2$d' x2='%1$d' y2='%3$d'/>",
					at, top, top + height));
			label(at, top + height + 14, "soft", "middle", Numbers.format(longest * part / 2).replaceAll("\\.0+$", ""));
		}
		for (Bar bar : bars) {
			this.y += LINE;
			int middle = this.y - 5;
			label(x + NAMES - 8, this.y, "name", "end", bar.name());
			this.shapes.add(String.format(Locale.ROOT, "<rect class='%s' x='%d' y='%d' width='%d' height='14'/>",
					bar.isOurs() ? "ours" : "other", x + NAMES, middle - 7, length(bar.median(), longest)));
			this.shapes.add(String.format(Locale.ROOT, "<line class='spread' x1='%d' y1='%3$d' x2='%d' y2='%3$d'/>",
					x + NAMES + length(bar.lowest(), longest), x + NAMES + length(bar.highest(), longest), middle));
			label(x + NAMES + length(bar.highest(), longest) + 6, this.y, "value", "start",
					Numbers.format(bar.median()));
		}
		this.y += LINE;
	}

	private static int length(double value, double longest) {
		return Math.max(1, (int) Math.round(value / longest * BARS));
	}

	/** The next of 1, 2, 4 and 6 times a power of ten. */
	private static double scale(double highest) {
		double power = Math.pow(10, Math.floor(Math.log10(Math.max(highest, 1e-9))));
		for (int times : new int[] { 1, 2, 4, 6 }) {
			if (highest <= times * power) {
				return times * power;
			}
		}
		return 10 * power;
	}

	private void text(int x, String style, String text) {
		label(x, this.y, style, "start", text);
	}

	private void label(int x, int y, String style, String anchor, String text) {
		this.shapes.add(String.format(Locale.ROOT, "<text class='%s' x='%d' y='%d' text-anchor='%s'>%s</text>", style,
				x, y, anchor, text.replace("&", "&amp;").replace("<", "&lt;")));
	}

	private String write() {
		return String.format(Locale.ROOT, """
				<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %1$d %2$d' width='%1$d' height='%2$d'>
				%3$s<rect class='paper' width='%1$d' height='%2$d'/>
				%4$s
				</svg>
				""", WIDTH, this.y + MARGIN, STYLE, String.join("\n", this.shapes));
	}

	/** What is shown of one scenario, in a unit of which a metric has so many. */
	private record Panel(String scenario, Metric metric, double divisor, String title, String unit) {

		List<Bar> bars(ScenarioResult result) {
			return result.contenders("").stream().flatMap((contender) -> bar(result, contender).stream()).toList();
		}

		private List<Bar> bar(ScenarioResult result, String contender) {
			return result.find("", contender, this.metric)
				.map((series) -> Bar.of(series, this.divisor))
				.map(List::of)
				.orElse(List.of());
		}

	}

	/** The rounds of a contender. */
	private record Bar(String name, double lowest, double median, double highest) {

		static Bar of(Series series, double divisor) {
			return new Bar(series.contender(),
					series.rounds().stream().mapToDouble(Double::doubleValue).min().orElseThrow() / divisor,
					series.median() / divisor,
					series.rounds().stream().mapToDouble(Double::doubleValue).max().orElseThrow() / divisor);
		}

		boolean isOurs() {
			return this.name.startsWith(Library.CROSSPROCESSLOCK.title());
		}

	}

}
