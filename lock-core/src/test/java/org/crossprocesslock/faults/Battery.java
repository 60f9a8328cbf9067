package org.crossprocesslock.faults;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/** Plays schedules and checks what came of them. */
final class Battery {

	private static final Logger logger = LoggerFactory.getLogger(Battery.class);

	/**
	 * After the last fault, for all to be as before: the lease of one that died runs out,
	 * statements under way end, keys are passed round; and far longer than that, for a
	 * machine that has other things to do.
	 */
	private static final Duration RECOVERY = Assignment.LEASE.plus(Assignment.WAIT_TIME)
		.plus(Assignment.LONGEST_SECTION)
		.plus(Eventually.LIMIT.multipliedBy(3));

	/** About the lease one, about keys three. */
	private static final int STATEMENTS = 4;

	/**
	 * A timer, one that listens, and for each statement one that waits for it, one that
	 * delivers the answer of the statement before, and two that open a connection.
	 */
	private static final int MOST_THREADS = 2 + 4 * STATEMENTS;

	/** For statements, for one that listens and for its trial. */
	private static final int MOST_SESSIONS = Crew.SIZE * (STATEMENTS + 2 + Assignment.POOL_SIZE);

	private final Scene scene;

	private final SectionRecords records;

	Battery(Scene scene, SectionRecords records) {
		this.scene = scene;
		this.records = records;
	}

	/** Waits until all work. */
	void begin() throws Exception {
		this.scene.crew().awaitAll("working");
		awaitEverybodyEverywhere("at the start");
		logger.info("All processes work after {} sections", this.records.read().size());
	}

	void run(FaultSchedule schedule) throws Exception {
		try {
			schedule.play(this.scene);
			long healed = System.nanoTime();
			awaitEverybodyEverywhere("after the last fault");
			Duration recovery = Duration.ofNanos(System.nanoTime() - healed);
			List<String> losses = check();
			logger.info("{} sections by now; in this round each process lost so many guards: {}; recovered within {}; "
					+ "seed {}", this.records.read().size(), losses, recovery, schedule.seed());
		}
		catch (Exception | AssertionError ex) {
			throw new AssertionError(ex.getMessage() + "\n" + schedule + "\nTo repeat the schedule: -DargLine=-D"
					+ BatteryContract.SEED + "=" + schedule.seed() + "\n" + this.scene.crew().transcripts(), ex);
		}
	}

	/** Every process gets every key. */
	void awaitEverybodyEverywhere(String when) throws Exception {
		long from = System.nanoTime();
		Set<String> expected = new TreeSet<>();
		for (String name : this.scene.crew().names()) {
			Assignment.KEYS.forEach((key) -> expected.add(name + " " + key));
		}
		await("each process gets each key " + when, () -> {
			Set<String> missing = new TreeSet<>(expected);
			for (Section section : this.records.read()) {
				if (section.begin() - from >= 0) {
					missing.remove(section.process() + " " + section.key());
				}
			}
			return List.copyOf(missing);
		});
	}

	/**
	 * Checks everything while all rest.
	 * @return how many guards each process has lost since the last check
	 */
	List<String> check() throws Exception {
		List<String> losses = this.scene.crew().all("rest", "resting");
		checkSections();
		checkLeaks();
		this.scene.crew().all("resume", "resumed");
		return losses;
	}

	void checkSections() {
		Collection<Section> sections = this.records.read();
		assertThat(Sections.overlaps(sections)).isEmpty();
		assertThat(Sections.tokensThatDidNotGrow(sections)).isEmpty();
	}

	private void checkLeaks() throws Exception {
		BatteryDatabase database = this.scene.database();
		await("no key is held", database::keysUnderALease);
		List<String> expected = this.scene.crew().holders();
		await("the lease rows are those of the processes that run", () -> {
			purge();
			List<String> found = new ArrayList<>(database.holders());
			return found.equals(expected) ? List.of() : found;
		});
		await("there are at most " + MOST_SESSIONS + " sessions", () -> {
			int found = database.sessions();
			return (found <= MOST_SESSIONS) ? List.of() : List.of(found);
		});
		await("the library has at most " + MOST_THREADS + " threads", () -> threads(MOST_THREADS));
	}

	private List<String> threads(int most) throws InterruptedException {
		return this.scene.crew()
			.all("threads", "threads")
			.stream()
			.filter((names) -> names.split(",", -1).length > most)
			.toList();
	}

	/** Expired leases that hold nothing are removed once in a while only. */
	private void purge() {
		try (JdbcLeaseStore store = JdbcLeaseStore.builder(this.scene.database().direct())
			.platform(this.scene.database().dialect())
			.build()) {
			store.purge(Duration.ofDays(1));
		}
	}

	/** Has all processes leave. */
	void finish() throws Exception {
		this.scene.crew().all("leave", "left");
		await("no lease is left", this.scene.database()::holders);
		await("no session is left", () -> {
			int found = this.scene.database().sessions();
			return (found == 0) ? List.of() : List.of(found);
		});
		await("the library has no thread left",
				() -> this.scene.crew()
					.all("threads", "threads")
					.stream()
					.filter((names) -> !names.equals("[]"))
					.toList());
	}

	private void await(String what, Leftovers leftovers) throws Exception {
		long deadline = System.nanoTime() + RECOVERY.toNanos();
		while (true) {
			List<?> left = leftovers.find();
			if (left.isEmpty()) {
				return;
			}
			if (System.nanoTime() - deadline > 0) {
				throw new AssertionError("Not within " + RECOVERY + ": " + what + "; but: " + left + "\n"
						+ this.scene.crew().transcripts());
			}
			Thread.sleep(20);
		}
	}

	/** What is in the way of what is awaited. */
	private interface Leftovers {

		List<?> find() throws InterruptedException, SQLException;

	}

}
