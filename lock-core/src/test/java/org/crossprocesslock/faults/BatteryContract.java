package org.crossprocesslock.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes that work under locks while everything around them fails. How long the faults
 * last at least, in seconds, is the system property {@value #SECONDS}; {@value #SEED}
 * repeats a schedule, though not the order in which machines take part in it.
 */
@Tag("full")
@EnabledOnOs(value = OS.LINUX, disabledReason = "needs SIGSTOP, /proc and one monotonic clock for all processes")
abstract class BatteryContract {

	static final String SECONDS = "crossprocesslock.battery.seconds";

	static final String SEED = "crossprocesslock.battery.seed";

	/** Starts the server. */
	abstract BatteryDatabase startDatabase(Path directory) throws Exception;

	@Test
	@Timeout(value = 12, unit = TimeUnit.HOURS, threadMode = ThreadMode.SEPARATE_THREAD)
	void exclusionAndOrderSurviveEveryFaultAndNothingLeaks(@TempDir Path directory) throws Exception {
		long seed = Long.getLong(SEED, System.nanoTime());
		Duration atLeast = Duration.ofSeconds(Long.getLong(SECONDS, 1));
		SectionRecords records = new SectionRecords(Files.createDirectory(directory.resolve("sections")));
		try (BatteryDatabase database = startDatabase(directory)) {
			database.createTables();
			try (Crew crew = new Crew(database, records, Assignment.LEASE, (process) -> Map.of())) {
				Battery battery = new Battery(new Scene(crew, database), records);
				battery.begin();
				long started = System.nanoTime();
				for (int round = 0; round == 0 || System.nanoTime() - started < atLeast.toNanos(); round++) {
					battery.run(FaultSchedule.of(seed + round));
				}
				battery.finish();
			}
		}
	}

}
