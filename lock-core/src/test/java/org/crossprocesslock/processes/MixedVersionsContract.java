package org.crossprocesslock.processes;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;

import org.crossprocesslock.processes.LedgerProcess.Stall;
import org.crossprocesslock.processes.LedgerProcess.Way;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What holds during a rolling deploy, while processes of an {@link EarlierVersion} and of
 * the present one meet in a database. {@code .ci/mixed-versions} runs it.
 */
@Tag("mixed-versions")
abstract class MixedVersionsContract extends ProcessFixture {

	private static final Duration LEASE = Duration.ofSeconds(2);

	/** Nothing that happens in time depends on its end. */
	private static final Duration LONG_LEASE = Duration.ofMinutes(2);

	/** How soon it is within that time is tested with processes of one version. */
	private static final Duration SOON = Duration.ofSeconds(10);

	/** Longer than the lease. */
	private static final Duration KEEP = LEASE.plusSeconds(1);

	private static final int TIMES = 40;

	private static final int TURNS = 20;

	/** Whose turn it is. */
	enum Version {

		EARLIER, PRESENT;

		Version other() {
			return (this == EARLIER) ? PRESENT : EARLIER;
		}

	}

	@ParameterizedTest
	@EnumSource
	void eachAcceptsTheTablesOfTheOtherAndTheyExcludeEachOther(Version creator) throws Exception {
		ChildJvm first = launch(creator, LONG_LEASE);
		ChildJvm second = launch(creator.other(), LONG_LEASE);
		start(first);
		start(second);
		try (Connection connection = database().dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("create table counter (n int)");
			statement.execute("insert into counter values (0)");
			first.send("count counter " + TIMES);
			second.send("count counter " + TIMES);
			first.await("counted");
			second.await("counted");
			try (ResultSet row = statement.executeQuery("select n from counter")) {
				row.next();
				assertThat(row.getInt(1)).isEqualTo(2 * TIMES);
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	void aKeyGoesToAndFroAndItsTokenGrows(Version first) throws Exception {
		ChildJvm holder = launch(first, LONG_LEASE);
		ChildJvm waiter = launch(first.other(), LONG_LEASE);
		start(holder);
		start(waiter);
		Grant held = take(holder, "key");
		for (int turn = 0; turn < TURNS; turn++) {
			waitFor(waiter, "key");
			holder.send("close key").await("closed");
			Grant next = Grant.of(waiter.await("granted"));
			assertThat(next.token()).isGreaterThan(held.token());
			held = next;
			ChildJvm released = holder;
			holder = waiter;
			waiter = released;
		}
	}

	@ParameterizedTest
	@EnumSource
	void aKilledHolderIsReplacedByTheOtherVersion(Version killed) throws Exception {
		ChildJvm holder = launch(killed, LEASE);
		ChildJvm waiter = launch(killed.other(), LONG_LEASE);
		start(holder);
		start(waiter);
		Grant lost = take(holder, "key");
		long asked = System.currentTimeMillis();
		Grant kept = Grant.of(holder.send("keep kept " + KEEP.toMillis() + " 60000").await("granted"));
		waitFor(waiter, "key");
		long end = System.currentTimeMillis();
		holder.kill();
		Grant grant = Grant.of(waiter.await("granted"));
		assertThat(grant.since(end)).isLessThanOrEqualTo(LEASE.plus(SOON));
		assertThat(grant.token()).isGreaterThan(lost.token());
		waitFor(waiter, "kept");
		Grant last = Grant.of(waiter.await("granted"));
		assertThat(last.since(asked)).isGreaterThanOrEqualTo(KEEP);
		assertThat(last.token()).isGreaterThan(kept.token());
	}

	@ParameterizedTest
	@EnumSource
	void aStoppedHolderCannotCommitOnceTheOtherVersionHasTakenItsKey(Version stopped) throws Exception {
		database().createTables();
		Ledger.create(database());
		ChildJvm holder = launch(stopped, LedgerProcess.class, LEASE);
		ChildJvm successor = launch(stopped.other(), LedgerProcess.class, LONG_LEASE);
		Trial trial = new Trial("key", stopped.name(), holder, successor, Way.FENCED);
		trial.begin(Stall.BEFORE_COMMIT);
		trial.stop();
		assertThat(trial.successorsCommit()).isPresent();
		assertThat(trial.holdersCommit()).isEmpty();
		assertThat(Ledger.read(database())).hasSize(Ledger.ENTRIES_PER_TRANSACTION)
			.allSatisfy((entry) -> assertThat(entry.commit().process()).isEqualTo(stopped.other().name()));
	}

	private ChildJvm launch(Version version, Duration lease) {
		return launch(version, LockingProcess.class, lease);
	}

	private ChildJvm launch(Version version, Class<?> main, Duration lease) {
		String classPath = (version == Version.EARLIER) ? EarlierVersion.classPath()
				: System.getProperty("java.class.path");
		return launch(classPath, main, version.name(), lease);
	}

}
