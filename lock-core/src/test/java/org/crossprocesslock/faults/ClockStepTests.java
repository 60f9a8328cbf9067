package org.crossprocesslock.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Wall clocks of processes and of PostgreSQL that jump while processes work. Needs
 * libfaketime (Debian).
 */
@Tag("full")
@Timeout(120)
class ClockStepTests {

	private static final Duration HOUR = Duration.ofHours(1);

	private static final Duration LEASE = Duration.ofSeconds(2);

	/**
	 * What a clock of the database that jumped forward can cost, which is until the next
	 * heartbeat, and some more.
	 */
	private static final Duration UPSET = LEASE.multipliedBy(2);

	private final List<FakeClock> clocks = new ArrayList<>();

	private FakeClock databaseClock;

	private SectionRecords records;

	private PostgresBattery database;

	private Crew crew;

	private Battery battery;

	@BeforeEach
	void start(@TempDir Path directory) throws Exception {
		Path library = FakeClock.library();
		this.databaseClock = new FakeClock(library, directory.resolve("database.clock"));
		for (int i = 0; i < Crew.SIZE; i++) {
			this.clocks.add(new FakeClock(library, directory.resolve(i + ".clock")));
		}
		this.records = new SectionRecords(Files.createDirectory(directory.resolve("sections")));
		this.database = PostgresBattery.start(directory, this.databaseClock.environment());
		// only its second life has the clock
		this.database.stop();
		this.database.start();
		this.database.createTables();
		this.crew = new Crew(this.database, this.records, LEASE, (process) -> this.clocks.get(process).environment());
		this.battery = new Battery(new Scene(this.crew, this.database), this.records);
		this.battery.begin();
	}

	@AfterEach
	void end() throws Exception {
		if (this.crew != null) {
			this.crew.close();
		}
		if (this.database != null) {
			this.database.close();
		}
	}

	@Test
	void steppedClocksOfProcessesBreakNothing() throws Exception {
		stepProcesses(HOUR);
		this.battery.awaitEverybodyEverywhere("with the clock of one an hour ahead, of another an hour behind");
		stepProcesses(Duration.ZERO);
		this.battery.awaitEverybodyEverywhere("with all clocks right again");
		this.battery.check();
		this.battery.finish();
	}

	private void stepProcesses(Duration apart) throws IOException {
		this.clocks.get(0).step(apart);
		this.clocks.get(1).step(apart.negated());
	}

	@Test
	void aClockOfTheDatabaseThatIsSetBackBreaksNothing() throws Exception {
		// its lease seems to have an hour left then
		this.crew.kill(Crew.SIZE - 1);
		stepDatabase(HOUR.negated());
		this.crew.launch(Crew.SIZE - 1);
		this.crew.child(Crew.SIZE - 1).await("working");
		this.battery.awaitEverybodyEverywhere("with the database's clock an hour behind");
		this.battery.checkSections();
	}

	@Test
	void aClockOfTheDatabaseThatJumpsForwardCostsLeasesAndIsForgotten() throws Exception {
		this.battery.checkSections();
		stepDatabase(HOUR);
		Thread.sleep(UPSET.toMillis());
		long settled = System.nanoTime();
		this.battery.awaitEverybodyEverywhere("with the database's clock an hour ahead");
		this.crew.all("rest", "resting");
		Collection<Section> all = this.records.read();
		List<Section> later = all.stream().filter((section) -> section.begin() - settled >= 0).toList();
		assertThat(later).isNotEmpty();
		assertThat(Sections.overlaps(later)).isEmpty();
		assertThat(Sections.tokensThatDidNotGrow(later)).isEmpty();
		assertThat(Sections.tokensGivenTwice(all)).isEmpty();
	}

	private void stepDatabase(Duration ahead) throws Exception {
		this.databaseClock.step(ahead);
		String now = this.database.texts("select extract(epoch from clock_timestamp())::bigint").get(0);
		assertThat(Duration.between(Instant.now(), Instant.ofEpochSecond(Long.parseLong(now))))
			.as("the step of the database's clock")
			.isCloseTo(ahead, Duration.ofMinutes(1));
	}

}
