package org.crossprocesslock.shedlock;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.sql.DataSource;

import net.javacrumbs.shedlock.core.ClockProvider;
import net.javacrumbs.shedlock.core.LockConfiguration;
import net.javacrumbs.shedlock.core.LockProvider;
import net.javacrumbs.shedlock.core.SimpleLock;
import net.javacrumbs.shedlock.provider.jdbctemplate.JdbcTemplateLockProvider;
import net.javacrumbs.shedlock.spring.annotation.EnableSchedulerLock;
import net.javacrumbs.shedlock.spring.annotation.SchedulerLock;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ShedLockAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class ShedLockAutoConfigurationTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class, ShedLockAutoConfiguration.class))
		.withPropertyValues("cross-process-lock.backend=memory");

	private final ApplicationContextRunner enabled = this.runner
		.withPropertyValues("cross-process-lock.shedlock.enabled=true");

	@Test
	void nothingIsThereUnlessItIsAskedFor() {
		this.runner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockProvider.class));
	}

	@Test
	void annotatedJobsOfShedLockAreLocked() {
		this.enabled.withUserConfiguration(Scheduling.class).withBean(Jobs.class).run((context) -> {
			Jobs jobs = context.getBean(Jobs.class);
			LockManager locks = context.getBean(LockManager.class);
			jobs.report(locks);
			assertThat(jobs.free()).containsExactly(false);
			try (LockGuard elsewhere = locks.tryLock("report").orElseThrow()) {
				jobs.report(locks);
			}
			assertThat(jobs.free()).hasSize(1);
		});
	}

	@Test
	void providerOfTheApplicationStaysAndIsNamed(CapturedOutput output) {
		LockProvider own = mock(LockProvider.class);
		this.enabled.withBean("left", LockProvider.class, () -> own)
			.run((context) -> assertThat(context.getBean(LockProvider.class)).isSameAs(own));
		assertThat(output).contains("cross-process-lock.shedlock.enabled=true has no effect", "[left]");
	}

	@Test
	void providerIsNotNamedWhereItIsUsed(CapturedOutput output) {
		this.enabled.run((context) -> assertThat(context).hasSingleBean(CrossProcessLockProvider.class));
		assertThat(output).doesNotContain("no effect");
	}

	/** As in an application that was processed ahead of time. */
	@Test
	void propertyThatComesAfterTheConditionsIsRefused() {
		this.runner
			.withBean(BeanFactoryPostProcessor.class,
					() -> (beans) -> TestPropertyValues.of("cross-process-lock.shedlock.enabled=true")
						.applyTo(beans.getBean(ConfigurableEnvironment.class)))
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("processed ahead of time (AOT) without cross-process-lock.shedlock.enabled"));
	}

	@Test
	void propertyThatIsTurnedOffAfterTheConditionsIsSaid(CapturedOutput output) {
		this.enabled
			.withBean(BeanFactoryPostProcessor.class,
					() -> (beans) -> TestPropertyValues.of("cross-process-lock.shedlock.enabled=false")
						.applyTo(beans.getBean(ConfigurableEnvironment.class)))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output)
			.contains("cross-process-lock.shedlock.enabled=false has no effect: there is [crossProcessLockProvider]");
	}

	@Test
	void rolloutOfTheMigrationPageTakesBothLocks() {
		LockDatabase database = new LockDatabase();
		this.enabled.withPropertyValues("cross-process-lock.backend=jdbc")
			.withBean(DataSource.class, () -> database.dataSource)
			.withUserConfiguration(Rollout.class)
			.run((context) -> {
				LockConfiguration job = new LockConfiguration(ClockProvider.now(), "job", Duration.ofMinutes(1),
						Duration.ZERO);
				SimpleLock lock = context.getBean(LockProvider.class).lock(job).orElseThrow();
				assertThat(new JdbcTemplateLockProvider(context.getBean(JdbcTemplate.class)).lock(job)).isEmpty();
				assertThat(context.getBean(LockManager.class).tryLock("job")).isEmpty();
				lock.unlock();
			});
	}

	@Test
	void codeOfTheMigrationPageIsTheOneAbove() throws IOException {
		String page = withoutSpace(Path.of("../docs/migration/shedlock.md"));
		String code = withoutSpace(Path.of("src/test/java/" + getClass().getName().replace('.', '/') + ".java"));
		String bean = page.substring(page.indexOf("```java") + "```java".length());
		assertThat(code).contains(bean.substring(0, bean.indexOf("```")));
	}

	private static String withoutSpace(Path file) throws IOException {
		return Files.readString(file).replaceAll("\\s+", "");
	}

	@Test
	void withoutLocksThereIsNoProvider() {
		this.enabled.withPropertyValues("cross-process-lock.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockProvider.class));
	}

	/** Half way from ShedLock's locks to those of this library. */
	@Configuration(proxyBeanMethods = false)
	static class Rollout {

		@Bean
		JdbcTemplate jdbcTemplate(DataSource dataSource) {
			return new JdbcTemplate(dataSource);
		}

		@Bean
		LockProvider lockProvider(JdbcTemplate jdbc, LockManager locks) {
			return new RolloutLockProvider(new JdbcTemplateLockProvider(jdbc), new CrossProcessLockProvider(locks));
		}

	}

	/** As in an application that uses ShedLock. */
	@Configuration(proxyBeanMethods = false)
	@EnableSchedulerLock(defaultLockAtMostFor = "1m")
	static class Scheduling {

	}

	/** Jobs as ShedLock has them. */
	static class Jobs {

		private final List<Boolean> free = new CopyOnWriteArrayList<>();

		List<Boolean> free() {
			return this.free;
		}

		@SchedulerLock(name = "report")
		public void report(LockManager locks) {
			this.free.add(locks.tryLock("report").isPresent());
		}

	}

}
