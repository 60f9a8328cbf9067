package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.UUID;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import liquibase.integration.spring.SpringLiquibase;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that the shipped scripts run in Flyway and Liquibase as they are, before the
 * tables are looked for.
 */
class MigrationTests {

	private static final String CHANGE_LOG = "classpath:org/crossprocesslock/autoconfigure/changelog.yaml";

	private static final String SCRIPTS = "migrations";

	@SuppressWarnings("NullAway.Init") // set before all tests
	private static EmbeddedPostgres postgres;

	private final ApplicationContextRunner runner;

	MigrationTests(@TempDir Path directory) {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LockAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.jdbc.initialize-schema=never", SCRIPTS + "=" + directory);
	}

	@BeforeAll
	static void startPostgres() throws IOException {
		postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
	}

	@AfterAll
	static void stopPostgres() throws IOException {
		postgres.close();
	}

	@ParameterizedTest
	@CsvSource({ "FLYWAY, h2", "FLYWAY, postgresql", "LIQUIBASE, h2", "LIQUIBASE, postgresql" })
	void shippedScriptMigratesTheOnlyDatabase(Tool tool, String dialect) throws Exception {
		scriptOf(dialect).withConfiguration(AutoConfigurations.of(tool.autoConfiguration))
			.withUserConfiguration(Early.class)
			.withPropertyValues("spring.datasource.url=" + newDatabase(dialect))
			.run((context) -> isMigratedAndLocks(context, context.getBean(DataSource.class), tool));
	}

	@ParameterizedTest
	@CsvSource({ "FLYWAY, h2", "FLYWAY, postgresql", "LIQUIBASE, h2", "LIQUIBASE, postgresql" })
	void shippedScriptMigratesTheDatabaseOfTheLocksAmongSeveral(Tool tool, String dialect) throws Exception {
		scriptOf(dialect).withUserConfiguration(Early.class, SeveralDataSources.class, tool.ofTheLocks)
			.withPropertyValues("locks=" + newDatabase(dialect))
			.run((context) -> isMigratedAndLocks(context, context.getBean("locks", DataSource.class), tool));
	}

	private static void isMigratedAndLocks(ApplicationContext context, DataSource dataSource, Tool tool)
			throws InterruptedException {
		try (LockGuard guard = context.getBean(LockManager.class).lock("key", Duration.ofMinutes(1))) {
			guard.checkHeld();
			JdbcTemplate database = new JdbcTemplate(dataSource);
			assertThat(database.queryForList("select lock_key from cross_process_lock", String.class))
				.containsExactly("key");
			assertThat(database.queryForObject("select count(*) from " + tool.history, Integer.class)).isPositive();
		}
	}

	private ApplicationContextRunner scriptOf(String dialect) {
		return this.runner.withInitializer((context) -> {
			Path script = Path.of(context.getEnvironment().getRequiredProperty(SCRIPTS), "V1__locks.sql");
			try (InputStream shipped = JdbcLeaseSchema.class.getResourceAsStream("schema-" + dialect + ".sql")) {
				Files.copy(Objects.requireNonNull(shipped), script);
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		})
			.withPropertyValues("spring.flyway.locations=filesystem:${" + SCRIPTS + "}",
					"spring.liquibase.change-log=" + CHANGE_LOG, "spring.liquibase.analytics-enabled=false");
	}

	private static String newDatabase(String dialect) throws SQLException {
		String name = "d" + UUID.randomUUID().toString().replace("-", "");
		if (dialect.equals("h2")) {
			return "jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1";
		}
		try (Connection connection = postgres.getPostgresDatabase().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("create database " + name);
		}
		return postgres.getJdbcUrl("postgres", name);
	}

	enum Tool {

		FLYWAY(FlywayAutoConfiguration.class, FlywayOfTheLocks.class, "\"flyway_schema_history\""),

		LIQUIBASE(LiquibaseAutoConfiguration.class, LiquibaseOfTheLocks.class, "databasechangelog");

		private final Class<?> autoConfiguration;

		private final Class<?> ofTheLocks;

		private final String history;

		Tool(Class<?> autoConfiguration, Class<?> ofTheLocks, String history) {
			this.autoConfiguration = autoConfiguration;
			this.ofTheLocks = ofTheLocks;
			this.history = history;
		}

	}

	/** Would start the locks before the migration. */
	@Configuration(proxyBeanMethods = false)
	static class Early {

		@Bean
		String early(ObjectProvider<LockManager> locks) {
			return locks.getObject().toString();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SeveralDataSources {

		@Bean
		DataSource business() {
			return new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
		}

		@Bean
		@LockDataSource
		DataSource locks(Environment environment) {
			return new DriverManagerDataSource(environment.getRequiredProperty("locks"));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FlywayOfTheLocks {

		@Bean(initMethod = "migrate")
		Flyway flyway(@LockDataSource DataSource dataSource, Environment environment) {
			return Flyway.configure()
				.dataSource(dataSource)
				.locations(environment.getRequiredProperty("spring.flyway.locations"))
				.load();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LiquibaseOfTheLocks {

		@Bean
		SpringLiquibase liquibase(@LockDataSource DataSource dataSource) {
			SpringLiquibase liquibase = new SpringLiquibase();
			liquibase.setDataSource(dataSource);
			liquibase.setChangeLog(CHANGE_LOG);
			liquibase.setAnalyticsEnabled(false);
			return liquibase;
		}

	}

}
