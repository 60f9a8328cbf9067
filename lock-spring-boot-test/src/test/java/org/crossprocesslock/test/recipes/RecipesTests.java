package org.crossprocesslock.test.recipes;

import java.time.LocalDate;

import org.crossprocesslock.LockLostException;
import org.crossprocesslock.test.AutoConfigureCrossProcessLock;
import org.crossprocesslock.test.BusyKey;
import org.crossprocesslock.test.LockTester;
import org.crossprocesslock.test.TestedCall;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the recipes do what they say.
 */
@SuppressWarnings("NullAway.Init") // Spring sets them
@SpringBootTest(properties = "spring.batch.job.enabled=false")
@AutoConfigureCrossProcessLock
class RecipesTests {

	private static final LocalDate DAY = LocalDate.of(2026, 11, 26);

	@Autowired
	private LockTester locks;

	@Autowired
	private NightlyJobs jobs;

	@Autowired
	private JdbcClient jdbc;

	@AfterEach
	void clear() {
		this.jdbc.sql("delete from invoice").update();
	}

	@Test
	void scheduledJobRunsOnceForAllInstances() {
		assertThat(this.locks.run(this.jobs::cleanUp)).heldOnly("nightly-clean-up").releasedAll();
		assertThat(this.locks.run(this.jobs::cleanUp)).heldNothing();
		assertThat(this.jobs.cleanUps()).isEqualTo(1);
	}

	@Test
	void wholeBatchJobRunsUnderItsLock() {
		TestedCall call = this.locks.call(() -> this.jobs.importOf(DAY));
		assertThat(call).heldOnly("import-2026-11-26").releasedAll();
		assertThat(call.result()).isInstanceOfSatisfying(JobExecution.class,
				(execution) -> assertThat(execution.getStatus()).isEqualTo(BatchStatus.COMPLETED));
		assertThat(rows()).isEqualTo(1);
	}

	@Test
	void batchJobIsLeftToTheInstanceThatRunsIt() {
		try (BusyKey busy = this.locks.busy("import-2026-11-26")) {
			assertThat(this.locks.call(() -> this.jobs.importOf(DAY))).heldNothing().hasResult(null);
		}
		assertThat(rows()).isZero();
	}

	@Test
	void batchJobThatHasLostItsLockWritesNothing() {
		this.locks.loseNext("import-2026-11-27");
		assertThat(this.locks.call(() -> this.jobs.importOf(DAY.plusDays(1)))).failedWith(LockLostException.class);
		assertThat(rows()).isZero();
	}

	private int rows() {
		return this.jdbc.sql("select count(*) from invoice").query(Integer.class).single();
	}

}
