package org.crossprocesslock.processes;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.processes.Ledger.Commit;
import org.crossprocesslock.processes.LedgerProcess.Stall;
import org.crossprocesslock.processes.LedgerProcess.Way;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Processes that are stopped inside a transaction until another one has taken their key
 * and committed, and that then go on to commit. The system property {@value #SEED}
 * repeats the points at which they are stopped.
 */
abstract class StaleCommitContract extends ProcessFixture {

	static final String SEED = "crossprocesslock.stale.seed";

	private static final Duration LEASE = Duration.ofSeconds(2);

	/** Longer than any process is stopped, in which it runs out by decree only. */
	private static final Duration LONG_LEASE = Duration.ofMinutes(2);

	/** Stopped at once, each with a key of its own. */
	private static final int HOLDERS = 5;

	private static final List<Stall> STALLS = List.of(Stall.BEFORE_FIRST_WRITE, Stall.BETWEEN_WRITES,
			Stall.BEFORE_COMMIT);

	private final long seed = Long.getLong(SEED, System.nanoTime());

	private final List<Commit> commits = new ArrayList<>();

	private int lost;

	@Test
	@Tag("full")
	void noneOfFiftyHoldersThatWereStoppedForLongerThanTheirLeaseCommits() throws Exception {
		int rounds = 10;
		stopHolders(rounds, Way.FENCED, LEASE);
		assertOnlySuccessorsCommitted(rounds);
	}

	@Test
	void noHolderCommitsWhoseLeaseEndedWhileItBelievesToHaveIt() throws Exception {
		stopHolders(1, Way.FENCED, LONG_LEASE);
		assertOnlySuccessorsCommitted(1);
	}

	private void assertOnlySuccessorsCommitted(int rounds) throws SQLException {
		assertThat(this.lost).as(seeded("transactions that ended with LockLostException")).isEqualTo(rounds * HOLDERS);
		assertThat(this.commits).as(seeded("commits"))
			.hasSize(rounds * HOLDERS)
			.allSatisfy((commit) -> assertThat(commit.process()).isEqualTo("successor"));
		assertThat(Ledger.read(database())).as(seeded("the ledger")).isEqualTo(Ledger.serialHistory(this.commits));
	}

	@Test
	void withoutAFenceEveryStoppedHolderCommitsWhatIsStale() throws Exception {
		stopHolders(1, Way.PLAIN, LEASE);
		assertThat(this.lost).as(seeded("refused transactions")).isZero();
		assertThat(Ledger.read(database())).as(seeded("the ledger"))
			.hasSize(2 * HOLDERS * Ledger.ENTRIES_PER_TRANSACTION)
			.isNotEqualTo(Ledger.serialHistory(this.commits));
		assertThat(Ledger.read(database()).stream().map((entry) -> entry.commit().key() + " " + entry.n()).distinct())
			.as(seeded("numbers, each of which stands there twice"))
			.hasSize(HOLDERS * Ledger.ENTRIES_PER_TRANSACTION);
	}

	private void stopHolders(int rounds, Way way, Duration lease) throws Exception {
		Random random = new Random(this.seed);
		createTables();
		ChildJvm successor = launch(LedgerProcess.class, "successor", LONG_LEASE);
		List<Trial> trials = new ArrayList<>();
		for (int i = 0; i < HOLDERS; i++) {
			String label = "holder-" + i;
			trials.add(new Trial("key-" + i, label, launch(LedgerProcess.class, label, lease), successor, way));
		}
		try {
			for (int round = 0; round < rounds; round++) {
				for (Trial trial : trials) {
					trial.begin(STALLS.get(random.nextInt(STALLS.size())));
				}
				for (Trial trial : trials) {
					trial.stop();
				}
				if (lease.equals(LONG_LEASE)) {
					endLeasesOfHolders();
				}
				for (Trial trial : trials) {
					record(trial.successorsCommit());
				}
				for (Trial trial : trials) {
					record(trial.holdersCommit());
				}
			}
		}
		catch (AssertionError ex) {
			throw new AssertionError(seeded(String.valueOf(ex.getMessage())), ex);
		}
	}

	private String seeded(String message) {
		return message + " (to stop processes at the same points: -DargLine=-D" + SEED + "=" + this.seed + ")";
	}

	private void record(Optional<Commit> commit) {
		commit.ifPresentOrElse(this.commits::add, () -> this.lost++);
	}

	@Test
	void nobodyGetsTheKeyOfAHolderThatIsStoppedBetweenCheckAndCommit() throws Exception {
		createTables();
		ChildJvm successor = launch(LedgerProcess.class, "successor", LONG_LEASE);
		ChildJvm onlooker = launch("onlooker", LONG_LEASE);
		Trial trial = new Trial("key", "holder-0", launch(LedgerProcess.class, "holder-0", LONG_LEASE), successor,
				Way.CHECKED);
		start(onlooker);
		trial.begin(Stall.AFTER_CHECK);
		trial.stop();
		endLeasesOfHolders();
		Eventually.until("the successor has ended the lease of the holder", () -> leasesOfHolders() == 0);
		// it finds the row locked again and again
		assertThat(onlooker.send("lock key 1500").await("timeout")).startsWith("key");
		assertThat(Ledger.read(database())).isEmpty();
		trial.holdersCommit().ifPresent(this.commits::add);
		trial.successorsCommit().ifPresent(this.commits::add);
		assertThat(this.commits).extracting(Commit::process).containsExactly("holder-0", "successor");
		assertThat(this.commits).extracting(Commit::token).isSorted();
		assertThat(Ledger.read(database())).isEqualTo(Ledger.serialHistory(this.commits));
	}

	private void createTables() throws SQLException {
		database().createTables();
		Ledger.create(database());
	}

	/** As if their time were over by the clock of the database. */
	private void endLeasesOfHolders() throws SQLException {
		try (Connection connection = database().dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			assertThat(statement
				.executeUpdate("update cross_process_lease set expires_at = 1 where holder like 'holder-%'"))
				.isPositive();
		}
	}

	private int leasesOfHolders() {
		try (Connection connection = database().dataSource().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement
					.executeQuery("select count(*) from cross_process_lease where holder like 'holder-%'")) {
			row.next();
			return row.getInt(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
