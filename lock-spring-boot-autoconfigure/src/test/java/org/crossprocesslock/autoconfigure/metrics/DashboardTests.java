package org.crossprocesslock.autoconfigure.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.micrometer.core.instrument.Meter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests that the dashboard and the alerts ask for what Prometheus reads from an
 * application.
 */
class DashboardTests {

	private static final Path MONITORING = Path.of("..", "docs", "monitoring");

	/** What Prometheus adds to what it scrapes. */
	private static final Set<String> ADDED = Set.of("job", "instance");

	private static final PrometheusScrape scrape = PrometheusScrape.ofAllMeters();

	private static final Set<String> CUMULATIVE = Arrays.stream(LockMeters.values())
		.filter((meter) -> meter.getType() == Meter.Type.COUNTER || meter.getType() == Meter.Type.TIMER)
		.flatMap((meter) -> scrape.series(meter.getDescription()).stream())
		.filter((name) -> !name.endsWith("_max"))
		.collect(Collectors.toSet());

	@ParameterizedTest
	@MethodSource("alerts")
	void alertAsksForWhatThereIs(String name, Map<String, Object> rule) {
		PromQl expression = check(String.valueOf(rule.get("expr")));
		String summary = String.valueOf(annotations(rule).get("summary"));
		Matcher label = Pattern.compile("\\$labels\\.(\\w+)").matcher(summary);
		while (label.find()) {
			assertThat(kept(expression)).as("labels that %s has", name).contains(label.group(1));
		}
	}

	@ParameterizedTest
	@MethodSource("alerts")
	void alertSaysWhatToDo(String name, Map<String, Object> rule) {
		assertThat(name).startsWith("CrossProcessLock");
		assertThat(annotations(rule)).containsKeys("summary", "runbook");
		assertThat(String.valueOf(annotations(rule).get("runbook"))).hasSizeGreaterThan(60).endsWith(".");
	}

	@ParameterizedTest
	@MethodSource("panels")
	void panelAsksForWhatThereIs(String title, Map<String, Object> panel) {
		assertThat(panel.get("description")).asString().endsWith(".");
		for (Map<String, Object> target : maps(panel.get("targets"))) {
			PromQl expression = check(String.valueOf(target.get("expr")));
			Matcher label = Pattern.compile("\\{\\{(\\w+)}}").matcher(String.valueOf(target.get("legendFormat")));
			while (label.find()) {
				assertThat(expression.grouping()).as("labels that '%s' keeps", title).contains(label.group(1));
			}
		}
	}

	@Test
	void variablesOfTheDashboardAskForWhatThereIs() throws IOException {
		Pattern labelValues = Pattern.compile("label_values\\((.*), (\\w+)\\)");
		Map<String, Object> dashboard = read("grafana-dashboard.json");
		List<String> names = new ArrayList<>();
		for (Map<String, Object> variable : maps(map(dashboard.get("templating")).get("list"))) {
			names.add(String.valueOf(variable.get("name")));
			if ("query".equals(variable.get("type"))) {
				Matcher query = labelValues.matcher(String.valueOf(variable.get("definition")));
				assertThat(query.matches()).isTrue();
				check(query.group(1));
				assertThat(ADDED).contains(query.group(2));
			}
		}
		Matcher used = Pattern.compile("\\$\\{?([a-z]+)").matcher(Files.readString(file("grafana-dashboard.json")));
		while (used.find()) {
			assertThat(names).contains(used.group(1));
		}
	}

	@Test
	void everyMeterIsShown() throws IOException {
		Set<String> shown = panels().flatMap((panel) -> maps(map(panel[1]).get("targets")).stream())
			.flatMap((target) -> PromQl.parse(String.valueOf(target.get("expr"))).selectors().stream())
			.map(PromQl.Selector::metric)
			.collect(Collectors.toSet());
		assertThat(LockMeters.values())
			.allSatisfy((meter) -> assertThat(scrape.series(meter.getDescription())).containsAnyElementsOf(shown));
	}

	@ParameterizedTest
	@ValueSource(strings = { "sum by (name) (x", "rate(x)", "x[5m]", "sum(rate(x[5m]) by name", "x{a=b, }", "x > > 1",
			"x{a~\"b\"}", "unknown(x)", "x[5 minutes]", "" })
	void whatIsNotUnderstoodIsRefused(String expression) {
		assertThatIllegalArgumentException().isThrownBy(() -> PromQl.parse(expression));
	}

	@ParameterizedTest
	@ValueSource(strings = { "cross_process_lock_lost", "cross_process_lock_open{name=\"a\"}",
			"sum by (outcome) (cross_process_lock_open)",
			"rate(cross_process_lock_wait_seconds_count{outcome=\"timeout\"}[5m])",
			"rate(cross_process_lock_held_seconds_count[5m])" })
	void whatDoesNotExistIsFound(String expression) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> check(expression));
	}

	static Stream<Object[]> alerts() throws IOException {
		return maps(read("alerts.yml").get("groups")).stream()
			.flatMap((group) -> maps(group.get("rules")).stream())
			.map((rule) -> new Object[] { String.valueOf(rule.get("alert")), rule });
	}

	static Stream<Object[]> panels() throws IOException {
		return maps(read("grafana-dashboard.json").get("panels")).stream()
			.filter((panel) -> !"row".equals(panel.get("type")))
			.map((panel) -> new Object[] { String.valueOf(panel.get("title")), panel });
	}

	private static PromQl check(String text) {
		PromQl expression = PromQl.parse(text);
		Set<String> present = new TreeSet<>(ADDED);
		assertThat(expression.selectors()).as(text).isNotEmpty().allSatisfy((selector) -> {
			assertThat(scrape.names()).contains(selector.metric());
			Set<String> labels = scrape.labels(selector.metric());
			present.addAll(labels);
			selector.matchers().forEach((label, value) -> {
				if (labels.contains(label)) {
					assertThat(scrape.values(selector.metric(), label)).contains(value);
				}
				else {
					assertThat(ADDED).contains(label);
				}
			});
			if (selector.function().equals("rate") || selector.function().equals("increase")) {
				assertThat(CUMULATIVE).contains(selector.metric());
			}
		});
		assertThat(present).as(text).containsAll(expression.grouping());
		return expression;
	}

	/** The labels of what the expression answers. */
	private static Set<String> kept(PromQl expression) {
		if (!expression.grouping().isEmpty()) {
			return expression.grouping();
		}
		Set<String> labels = new TreeSet<>(ADDED);
		labels.addAll(scrape.labels(expression.selectors().get(0).metric()));
		return labels;
	}

	private static Map<String, Object> annotations(Map<String, Object> rule) {
		return map(rule.get("annotations"));
	}

	/** JSON is YAML. */
	private static Map<String, Object> read(String name) throws IOException {
		return new Yaml().load(Files.readString(file(name)));
	}

	private static Path file(String name) {
		return MONITORING.resolve(name);
	}

	@SuppressWarnings("unchecked") // of a document
	private static Map<String, Object> map(@Nullable Object value) {
		return (Map<String, Object>) Objects.requireNonNull(value);
	}

	@SuppressWarnings("unchecked") // of a document
	private static List<Map<String, Object>> maps(@Nullable Object value) {
		return (List<Map<String, Object>>) Objects.requireNonNull(value);
	}

}
