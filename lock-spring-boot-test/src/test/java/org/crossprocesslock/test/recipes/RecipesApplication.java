package org.crossprocesslock.test.recipes;

import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * An application with a job of one step, which is one transaction.
 */
@SpringBootApplication
class RecipesApplication {

	@Bean
	Job importJob(JobRepository repository, PlatformTransactionManager transactions, JdbcClient jdbc) {
		return new JobBuilder("import", repository)
			.start(new StepBuilder("write", repository).tasklet((contribution, chunk) -> {
				jdbc.sql("insert into invoice values (1)").update();
				return RepeatStatus.FINISHED;
			}, transactions).build())
			.build();
	}

}
