package org.crossprocesslock.autoconfigure.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.micrometer.common.docs.KeyName;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the meters in a registry of Prometheus, and for the page that lists them.
 */
class PrometheusTests {

	private static final Path PAGE = Path.of("..", "docs", "monitoring.md");

	private final PrometheusScrape scrape = PrometheusScrape.ofAllMeters();

	@Test
	void pageListsEveryMeterAsItIsRegistered() throws IOException {
		Map<String, List<String>> rows = rows();
		assertThat(rows.keySet())
			.containsExactlyInAnyOrderElementsOf(Arrays.stream(LockMeters.values()).map(LockMeters::getName).toList());
		for (LockMeters meter : LockMeters.values()) {
			assertThat(rows.get(meter.getName())).as(meter.getName())
				.containsExactly(meter.getType().name().toLowerCase(Locale.ROOT).replace('_', ' '),
						code(Arrays.stream(meter.getKeyNames()).map(KeyName::asString).toList()),
						code(this.scrape.series(meter.getDescription())), meter.getDescription());
		}
	}

	@Test
	void everySeriesIsThereBeforeAnythingHappens() {
		assertThat(this.scrape.values("cross_process_lock_lost_total")).isNotEmpty().containsOnly(0.0);
		assertThat(this.scrape.values("cross_process_lock_leases_lost_total")).containsExactly(0.0);
		assertThat(this.scrape.values("cross_process_lock_wait_seconds_count")).hasSize(5).containsOnly(0.0);
		assertThat(this.scrape.values("cross_process_lock_renewals_total")).hasSize(3);
		assertThat(this.scrape.values("cross_process_lock_commits_total")).hasSize(3).containsOnly(0.0);
	}

	@Test
	void noNameSaysItsUnitTwice() {
		assertThat(this.scrape.names()).isNotEmpty().allSatisfy((name) -> {
			List<String> words = List.of(name.replaceFirst("^cross_process_lock_", "").split("_"));
			assertThat(words).doesNotHaveDuplicates().doesNotContain("locks", "lock");
		});
	}

	private static String code(List<String> names) {
		return names.stream().map((name) -> "`" + name + "`").collect(Collectors.joining(", "));
	}

	private static Map<String, List<String>> rows() throws IOException {
		Map<String, List<String>> rows = new TreeMap<>();
		for (String line : Files.readAllLines(PAGE)) {
			if (line.startsWith("| `cross.process.lock.")) {
				List<String> cells = Arrays.stream(line.substring(1, line.length() - 1).split("\\|"))
					.map(String::strip)
					.toList();
				rows.put(cells.get(0).replace("`", ""), cells.subList(1, cells.size()));
			}
		}
		return rows;
	}

}
