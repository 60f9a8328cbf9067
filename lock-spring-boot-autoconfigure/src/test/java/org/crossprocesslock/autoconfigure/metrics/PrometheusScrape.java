package org.crossprocesslock.autoconfigure.metrics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Prometheus reads from an application with locks in a database.
 */
final class PrometheusScrape {

	private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.*)");

	private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{([^}]*)})? (\\S+)");

	private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

	private final Map<String, String> help = new TreeMap<>();

	private final Map<String, List<Sample>> samples = new LinkedHashMap<>();

	private PrometheusScrape(String text) {
		for (String line : text.lines().toList()) {
			Matcher help = HELP.matcher(line);
			Matcher sample = SAMPLE.matcher(line);
			if (help.matches()) {
				this.help.put(help.group(1), help.group(2));
			}
			else if (sample.matches()) {
				Map<String, String> labels = new TreeMap<>();
				Matcher label = LABEL.matcher((sample.group(2) != null) ? sample.group(2) : "");
				while (label.find()) {
					labels.put(label.group(1), label.group(2));
				}
				this.samples.computeIfAbsent(sample.group(1), (name) -> new ArrayList<>())
					.add(new Sample(labels, Double.parseDouble(sample.group(3))));
			}
			else {
				assertThat(line).matches("# TYPE .*|");
			}
		}
	}

	static PrometheusScrape ofAllMeters() {
		List<PrometheusScrape> scrapes = new ArrayList<>();
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LockAutoConfiguration.class,
					FencingAutoConfiguration.class, LockMetricsAutoConfiguration.class))
			.withBean(MeterRegistry.class, () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				scrapes.add(new PrometheusScrape(context.getBean(PrometheusMeterRegistry.class).scrape()));
			});
		return scrapes.get(0);
	}

	Set<String> names() {
		return this.samples.keySet();
	}

	/** The names of the series of the meter with a description. */
	List<String> series(String description) {
		List<String> families = this.help.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().equals(description))
			.map(Map.Entry::getKey)
			.toList();
		return this.samples.keySet()
			.stream()
			.filter((name) -> families.contains(name) || families.contains(name.replaceFirst("_(count|sum)$", "")))
			.toList();
	}

	Set<String> labels(String name) {
		Set<String> labels = new TreeSet<>();
		of(name).forEach((sample) -> labels.addAll(sample.labels().keySet()));
		return labels;
	}

	Set<String> values(String name, String label) {
		Set<String> values = new TreeSet<>();
		of(name).forEach((sample) -> values.add(sample.labels().get(label)));
		return values;
	}

	List<Double> values(String name) {
		return of(name).stream().map(Sample::value).toList();
	}

	private List<Sample> of(String name) {
		return this.samples.getOrDefault(name, List.of());
	}

	private record Sample(Map<String, String> labels, double value) {

	}

}
