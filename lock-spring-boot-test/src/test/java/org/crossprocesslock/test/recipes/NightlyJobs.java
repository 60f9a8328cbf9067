package org.crossprocesslock.test.recipes;

import java.time.LocalDate;

import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.OnBusy;
import org.jspecify.annotations.Nullable;

import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobExecutionException;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Service;

/**
 * Jobs that every instance schedules and one runs.
 */
@Service
class NightlyJobs {

	private final JobOperator jobs;

	private final Job importJob;

	private int cleanUps;

	NightlyJobs(JobOperator jobs, Job importJob) {
		this.jobs = jobs;
		this.importJob = importJob;
	}

	@Scheduled(cron = "0 0 3 * * *")
	@CrossProcessLocked(key = "nightly-clean-up", waitTime = "0s", holdAtLeast = "10m", onBusy = OnBusy.SKIP)
	public void cleanUp() {
		this.cleanUps++;
	}

	public int cleanUps() {
		return this.cleanUps;
	}

	@CrossProcessLocked(key = "import-#{#day.toString()}", waitTime = "0s", onBusy = OnBusy.SKIP)
	public @Nullable JobExecution importOf(LocalDate day) throws JobExecutionException {
		return this.jobs.start(this.importJob, new JobParametersBuilder().addLocalDate("day", day).toJobParameters());
	}

}
