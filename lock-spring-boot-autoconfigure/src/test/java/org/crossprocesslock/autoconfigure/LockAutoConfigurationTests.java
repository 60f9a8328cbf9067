package org.crossprocesslock.autoconfigure;

import java.nio.file.Path;
import java.time.Duration;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.autoconfigure.metrics.LockMetricsAutoConfiguration;
import org.crossprocesslock.file.PidFileLockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.jdbc.UnsupportedDatabaseException;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LockAutoConfiguration}.
 */
@ExtendWith(OutputCaptureExtension.class)
class LockAutoConfigurationTests {

	private final ApplicationContextRunner contextRunner;

	private final ApplicationContextRunner withDatabase;

	LockAutoConfigurationTests(@TempDir Path directory) {
		this.contextRunner = new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(LockAutoConfiguration.class, CrossProcessLockedAutoConfiguration.class,
							FencingAutoConfiguration.class, LockMetricsAutoConfiguration.class))
			.withBean(SystemFiles.class, () -> new SystemFiles(directory.resolve("of-no-container")))
			.withPropertyValues("cross-process-lock.file.directory=" + directory);
		this.withDatabase = this.contextRunner
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class));
	}

	@Test
	void databaseIsUsedWhereThereIsASingleDataSource(CapturedOutput output) {
		this.withDatabase.run((context) -> {
			isJdbc(context);
			assertThat(context.getBean(LockBackend.class).reason()).contains("single").contains("dataSource");
			assertThat(output).containsOnlyOnce("Locks use the jdbc backend");
		});
	}

	@Test
	void databaseIsUsedWhereOneDataSourceIsPrimary() {
		this.contextRunner.withUserConfiguration(PrimaryDataSource.class).run((context) -> {
			isJdbc(context);
			hasTables(context, "first");
		});
	}

	@Test
	void qualifiedDataSourceIsPreferredToThePrimaryOne() {
		this.contextRunner.withUserConfiguration(PrimaryDataSource.class, QualifiedDataSource.class).run((context) -> {
			isJdbc(context);
			hasTables(context, "qualified");
			assertThat(context.getBean(LockBackend.class).reason()).contains("@LockDataSource").contains("qualified");
		});
	}

	@Test
	void qualifiedDataSourceIsUsedAmongSeveral() {
		this.contextRunner.withUserConfiguration(TwoDataSources.class, QualifiedDataSource.class).run((context) -> {
			isJdbc(context);
			hasTables(context, "qualified");
		});
	}

	@Test
	void filesAreUsedWithoutAWarningWhereThereIsNoDataSource(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			isFile(context);
			assertThat(context.getBean(LockBackend.class).reason()).isEqualTo("there is no DataSource bean");
			assertThat(output).containsOnlyOnce("Locks use the file backend").doesNotContain("WARN");
		});
	}

	@Test
	void filesAreUsedWithoutAWarningWhereTheyAreAskedFor(CapturedOutput output) {
		this.withDatabase.withPropertyValues("cross-process-lock.backend=File").run((context) -> {
			isFile(context);
			assertThat(context.getBean(LockBackend.class).reason()).contains("cross-process-lock.backend");
			assertThat(output).containsOnlyOnce("Locks use the file backend").doesNotContain("WARN");
		});
	}

	@Test
	void memoryIsUsedWhereItIsAskedForAndSaysWhatItDoesNotDo(CapturedOutput output) {
		this.withDatabase.withPropertyValues("cross-process-lock.backend=Memory").run((context) -> {
			isMemory(context);
			assertThat(output).contains("Locks use the memory backend, which does NOT exclude other processes")
				.doesNotContain("WARN");
		});
	}

	@Test
	void jdbcWithoutADataSourceIsRefused() {
		this.contextRunner.withPropertyValues("cross-process-lock.backend=jdbc")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RefusedStartException.class)
				.hasMessageContaining("there is no DataSource bean"));
	}

	@Test
	void jdbcWithAmbiguousDataSourcesIsRefused() {
		this.contextRunner.withPropertyValues("cross-process-lock.backend=jdbc")
			.withUserConfiguration(TwoDataSources.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(RefusedStartException.class)
				.hasMessageContaining("[first, second]"));
	}

	@Test
	void unknownBackendIsRefused() {
		this.contextRunner.withPropertyValues("cross-process-lock.backend=paper")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("paper"));
	}

	@Test
	void lockManagerOfTheApplicationWins() {
		this.withDatabase.withUserConfiguration(OwnLockManager.class).run((context) -> {
			assertThat(context).hasSingleBean(LockManager.class).hasBean("ownLockManager");
			assertThat(context).doesNotHaveBean(LockBackend.class);
		});
	}

	@Test
	void canBeDisabled() {
		this.withDatabase.withPropertyValues("cross-process-lock.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(LockManager.class));
	}

	@Test
	void annotatedMethodsAreRefusedWhenDisabled() {
		this.contextRunner.withPropertyValues("cross-process-lock.enabled=false")
			.withBean(Annotated.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("Annotated.run")
				.hasMessageContaining("cross-process-lock.enabled"));
	}

	@Test
	void annotatedMethodsUseTheManagerOfTheApplicationWhenDisabled() {
		this.contextRunner.withPropertyValues("cross-process-lock.enabled=false")
			.withUserConfiguration(OwnLockManager.class)
			.withBean(Annotated.class)
			.run((context) -> {
				context.getBean(Annotated.class).run();
				assertThat(context).hasSingleBean(LockManager.class);
			});
	}

	@Test
	void filesAreUsedWithoutJdbcClasses() {
		this.contextRunner
			.withClassLoader(new FilteredClassLoader("org.springframework.jdbc", "org.springframework.boot.jdbc",
					"org.springframework.boot.sql", "com.zaxxer.hikari", "org.h2"))
			.run(LockAutoConfigurationTests::isFile);
	}

	@Test
	void databaseIsUsedWithoutTheJdbcModulesOfSpring() {
		this.contextRunner
			.withClassLoader(new FilteredClassLoader("org.springframework.jdbc", "org.springframework.boot.jdbc",
					"org.springframework.boot.sql"))
			.withUserConfiguration(PrimaryDataSource.class)
			.run(LockAutoConfigurationTests::isJdbc);
	}

	@Test
	void startsWithoutMicrometer() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockManager.class));
	}

	@Test
	void badRelationNamesItsProperties() {
		this.withDatabase
			.withPropertyValues("cross-process-lock.jdbc.lease.duration=2s",
					"cross-process-lock.jdbc.lease.renew-interval=1s")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("PT2S")
				.hasMessageContaining("PT1S"));
	}

	@Test
	void negativeDefaultWaitTimeIsRefused() {
		this.contextRunner.withPropertyValues("cross-process-lock.default-wait-time=-1s")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("negative"));
	}

	@Test
	void unknownDialectIsRefused() {
		this.withDatabase.withPropertyValues("cross-process-lock.jdbc.platform=sybase")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(UnsupportedDatabaseException.class));
	}

	@Test
	void twoContextsOnOneDatabaseExcludeEachOther() {
		ApplicationContextRunner shared = this.withDatabase.withPropertyValues(
				"spring.datasource.url=jdbc:h2:mem:shared-by-contexts;DB_CLOSE_DELAY=-1",
				"spring.datasource.username=sa");
		shared.run((one) -> shared.run((other) -> {
			LockManager locks = one.getBean(LockManager.class);
			locks.lock("shared", Duration.ofSeconds(10)).close();
			try (LockGuard guard = locks.lock("shared", Duration.ofSeconds(10))) {
				assertThat(other.getBean(LockManager.class).tryLock("shared")).isEmpty();
			}
		}));
	}

	private static void isJdbc(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed().hasSingleBean(LockManager.class).hasSingleBean(LeaseLockManager.class);
		assertThat(context.getBean(LockBackend.class).name()).isEqualTo("jdbc");
	}

	private static void isFile(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed().hasSingleBean(LockManager.class).hasSingleBean(PidFileLockManager.class);
		assertThat(context.getBean(LockBackend.class).name()).isEqualTo("file");
	}

	private static void isMemory(AssertableApplicationContext context) {
		assertThat(context).hasNotFailed().hasSingleBean(LockManager.class).hasSingleBean(MemoryLockManager.class);
		assertThat(context.getBean(LockBackend.class).name()).isEqualTo("memory");
	}

	private static void hasTables(AssertableApplicationContext context, String dataSource) {
		JdbcTemplate jdbc = new JdbcTemplate(context.getBean(dataSource, DataSource.class));
		assertThat(jdbc.queryForObject(
				"select count(*) from information_schema.tables where lower(table_name) like 'cross_process_%'",
				Long.class))
			.isEqualTo(2L);
	}

	private static DataSource database(String name) {
		return new DriverManagerDataSource("jdbc:h2:mem:" + name + "-" + System.nanoTime() + ";DB_CLOSE_DELAY=-1", "sa",
				"");
	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryDataSource {

		@Bean
		@Primary
		DataSource first() {
			return database("first");
		}

		@Bean
		DataSource second() {
			return database("second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoDataSources {

		@Bean
		DataSource first() {
			return database("first");
		}

		@Bean
		DataSource second() {
			return database("second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedDataSource {

		@Bean(defaultCandidate = false)
		@LockDataSource
		DataSource qualified() {
			return database("qualified");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AnotherQualifiedDataSource {

		@Bean(defaultCandidate = false)
		@LockDataSource
		DataSource anotherQualified() {
			return database("another");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnLockManager {

		@Bean
		LockManager ownLockManager() {
			return new MemoryLockManager(new LockListener() {
			});
		}

	}

	static class Annotated {

		@CrossProcessLocked(key = "annotated")
		public void run() {
		}

	}

}
