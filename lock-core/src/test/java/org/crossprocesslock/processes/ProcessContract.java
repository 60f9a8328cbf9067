package org.crossprocesslock.processes;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds between processes that meet in a database, however they end. */
abstract class ProcessContract extends ProcessFixture {

	private static final Duration LEASE = Duration.ofSeconds(2);

	/** Nothing that happens in time depends on its end. */
	private static final Duration LONG_LEASE = Duration.ofMinutes(2);

	/** Longer than the lease of those that end. */
	private static final Duration KEEP = LEASE.multipliedBy(2);

	/** Within which a busy machine runs what is ready to run. */
	private static final Duration SOON = Duration.ofSeconds(10);

	private static final Duration SKEW = Duration.ofMillis(300);

	private static final Duration LONG_BEFORE_ITS_END = Duration.ofSeconds(30);

	@Test
	void processesExcludeEachOther() throws Exception {
		int times = 60;
		ChildJvm first = launch("first", LONG_LEASE);
		ChildJvm second = launch("second", LONG_LEASE);
		try (Connection connection = database().dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("create table counter (n int)");
			statement.execute("insert into counter values (0)");
			start(first, second);
			first.send("count counter " + times);
			second.send("count counter " + times);
			first.await("counted");
			second.await("counted");
			try (ResultSet row = statement.executeQuery("select n from counter")) {
				row.next();
				assertThat(row.getInt(1)).isEqualTo(2 * times);
			}
		}
	}

	@Test
	void aKilledHolderIsReplacedSoonAfterItsLease() throws Exception {
		ChildJvm holder = launch("holder", LEASE);
		ChildJvm waiter = launch("waiter", LONG_LEASE);
		start(holder, waiter);
		Grant lost = take(holder, "key");
		waitFor(waiter, "key");
		long killed = System.currentTimeMillis();
		holder.kill();
		Grant grant = Grant.of(waiter.await("granted"));
		assertThat(grant.since(killed)).isLessThanOrEqualTo(LEASE.plus(SOON));
		assertThat(grant.token()).isGreaterThan(lost.token());
	}

	@Test
	void aKilledHolderIsReplacedAtOnceByASuccessorOfItsName() throws Exception {
		ChildJvm holder = launch("first life", LONG_LEASE, "node-1");
		ChildJvm successor = launch("second life", LONG_LEASE, "node-1");
		start(holder);
		Grant lost = take(holder, "key");
		holder.kill();
		start(successor);
		assertThat(Grant.of(successor.send("try key").await("granted")).token()).isGreaterThan(lost.token());
	}

	@Test
	void aHolderThatWasStoppedForLongerThanItsLeaseHasLostEverythingWhenItContinues() throws Exception {
		ChildJvm holder = launch("holder", LEASE);
		ChildJvm waiter = launch("waiter", LONG_LEASE);
		start(holder, waiter);
		Grant lost = take(holder, "key");
		take(holder, "other");
		holder.stop();
		// what it finds when it continues, before it can do anything else
		holder.send("look");
		waitFor(waiter, "key");
		Grant grant = Grant.of(waiter.await("granted"));
		assertThat(grant.token()).isGreaterThan(lost.token());
		holder.resume();
		assertThat(List.of(holder.await("look"), holder.await("look"))).containsExactly("key false", "other false");
		assertThat(List.of(holder.await("told"), holder.await("told"))).containsExactlyInAnyOrder("key", "other");
		assertThat(holder.send("close key").await("lost")).isEqualTo("key");
		assertThat(holder.send("close other").await("lost")).isEqualTo("other");

		assertThat(holder.send("try key").await("busy")).isEqualTo("key");
		assertThat(waiter.send("close key").await("closed")).isEqualTo("key");
		waitFor(holder, "key");
		assertThat(Grant.of(holder.await("granted")).token()).isGreaterThan(grant.token());
	}

	@Test
	void aHolderThatEndsOrderlyIsReplacedLongBeforeTheEndOfItsLease() throws Exception {
		ChildJvm holder = launch("holder", LONG_LEASE);
		ChildJvm waiter = launch("waiter", LONG_LEASE);
		start(holder, waiter);
		Grant held = take(holder, "key");
		assertThat(waiter.send("lock key 100").await("timeout")).isEqualTo("key holder");
		waitFor(waiter, "key");
		long exit = System.currentTimeMillis();
		holder.send("exit");
		Grant grant = Grant.of(waiter.await("granted"));
		assertThat(grant.token()).isGreaterThan(held.token());
		assertThat(grant.since(exit)).isLessThan(LONG_BEFORE_ITS_END);
		assertThat(holder.exitCode()).isZero();
	}

	/** The clock of one is late, and the run is over before it begins there. */
	@Test
	@Tag("full")
	void aShortJobThatIsHeldAtLeastRunsOnceInEachTick() throws Exception {
		ChildJvm first = launch("first", LONG_LEASE);
		ChildJvm second = launch("second", LONG_LEASE);
		start(first, second);
		for (int tick = 0; tick < 10; tick++) {
			String job = "job-" + tick;
			ChildJvm early = (tick % 2 == 0) ? first : second;
			ChildJvm late = (tick % 2 == 0) ? second : first;
			early.send("keep " + job + " " + LONG_LEASE.toMillis()).await("granted");
			early.send("close " + job).await("closed");
			Thread.sleep(SKEW.toMillis());
			assertThat(late.send("keep " + job + " " + LONG_LEASE.toMillis()).await("busy")).isEqualTo(job);
		}
	}

	@Test
	void aKeyIsHeldAtLeastThoughItsHolderIsKilled() throws Exception {
		isKeptAfter((holder) -> holder.kill());
	}

	@Test
	@Tag("full")
	void aKeyIsHeldAtLeastThoughItsHolderEnds() throws Exception {
		isKeptAfter((holder) -> {
			holder.send("exit");
			assertThat(holder.exitCode()).isZero();
		});
	}

	private void isKeptAfter(HowItEnds end) throws Exception {
		ChildJvm holder = launch("holder", LEASE);
		ChildJvm waiter = launch("waiter", LONG_LEASE);
		start(holder, waiter);
		long asked = System.currentTimeMillis();
		Grant kept = Grant.of(holder.send("keep key " + KEEP.toMillis() + " 60000").await("granted"));
		waitFor(waiter, "key");
		end.end(holder);
		Grant grant = Grant.of(waiter.await("granted"));
		assertThat(grant.since(asked)).isGreaterThanOrEqualTo(KEEP);
		assertThat(grant.token()).isGreaterThan(kept.token());
	}

	/** What becomes of a process. */
	private interface HowItEnds {

		void end(ChildJvm process) throws Exception;

	}

	@Test
	@Tag("full")
	void oneOfTenProcessesThatCreateTheTablesAtOnceGetsTheKey() throws Exception {
		List<ChildJvm> processes = new ArrayList<>();
		for (int i = 0; i < 10; i++) {
			processes.add(launch("process-" + i, LONG_LEASE));
		}
		for (ChildJvm process : processes) {
			process.await("ready");
		}
		processes.forEach((process) -> process.send("start").send("try key").send("held"));
		int held = 0;
		for (ChildJvm process : processes) {
			held += Integer.parseInt(process.await("held"));
		}
		assertThat(held).isOne();
	}

}
