package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceInitializationAutoConfiguration;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.init.DatabaseInitializationSettings;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.io.FileSystemResource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.init.DataSourceInitializer;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the tables that locks in a database need.
 */
class LockTablesTests {

	private final Path directory;

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LockAutoConfiguration.class));

	LockTablesTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Test
	void tablesAreCreatedUnderTheirPrefix() {
		this.contextRunner.withPropertyValues("cross-process-lock.jdbc.table-prefix=my_")
			.run((context) -> assertThat(tables(context.getBean(DataSource.class))).containsExactly("my_lease",
					"my_lock"));
	}

	@Test
	void missingTablesThatMayNotBeCreatedAreRefusedWithTheDdl() {
		this.contextRunner.withPropertyValues("cross-process-lock.jdbc.initialize-schema=never")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(LockTablesMissingException.class)
				.hasMessageContaining("never")
				.hasMessageContainingAll("create table", "cross_process_lease", "cross_process_lock"));
	}

	@Test
	void missingTablesAreCreatedInAnEmbeddedDatabaseWhereOnlyThatIsAllowed() {
		this.contextRunner
			.withPropertyValues("cross-process-lock.jdbc.initialize-schema=embedded",
					"spring.datasource.url=jdbc:h2:mem:embedded")
			.run((context) -> assertThat(tables(context.getBean(DataSource.class)))
				.containsExactly("cross_process_lease", "cross_process_lock"));
	}

	@Test
	void missingTablesAreRefusedElsewhereWhereOnlyAnEmbeddedDatabaseMayGetThem() {
		String url = "jdbc:h2:" + this.directory.resolve("not-embedded");
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues("spring.datasource.url=" + url,
				"cross-process-lock.jdbc.initialize-schema=embedded");
		runner.run((context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOf(LockTablesMissingException.class)
			.hasMessageContaining("initialize-schema=embedded")
			.hasMessageContaining("create table"));
		this.contextRunner.withPropertyValues("spring.datasource.url=" + url)
			.run((context) -> assertThat(context).hasNotFailed());
		runner.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockManager.class));
	}

	@Test
	void tablesOfTheseNamesWithOtherColumnsAreRefusedInTheWordsOfTheDatabase() {
		String url = "jdbc:h2:mem:other-columns;DB_CLOSE_DELAY=-1";
		new JdbcTemplate(new DriverManagerDataSource(url, "sa", ""))
			.execute("create table cross_process_lock (lock_key varchar(200))");
		this.contextRunner.withPropertyValues("spring.datasource.url=" + url)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContaining("Column")
				.hasMessageContaining("not found"));
		this.contextRunner.withPropertyValues("spring.datasource.url=" + url)
			.run((context) -> assertThat(context.getStartupFailure())
				.hasStackTraceContaining("are missing or lack a column")
				.hasStackTraceContaining("could not be created: Column")
				.hasStackTraceContaining("create table"));
	}

	@Test
	void tableWithoutAPrimaryKeyIsRefusedWithTheStatementThatAddsIt() {
		String url = "jdbc:h2:mem:no-keys;DB_CLOSE_DELAY=-1";
		DataSource database = new DriverManagerDataSource(url, "sa", "");
		JdbcTemplate jdbc = new JdbcTemplate(database);
		jdbc.execute(JdbcLeaseSchema.of(database, "cross_process_", null).ddl().replace(" primary key", ""));
		ApplicationContextRunner runner = this.contextRunner.withPropertyValues("spring.datasource.url=" + url);
		String statement = "alter table \"PUBLIC\".\"CROSS_PROCESS_LOCK\" add primary key (lock_key)";
		runner.run((context) -> assertThat(context).getFailure()
			.rootCause()
			.isInstanceOf(RefusedStartException.class)
			.hasMessageContaining("let two processes have the same lock")
			.hasMessageContaining(statement));
		jdbc.execute(statement);
		jdbc.execute("alter table cross_process_lease add primary key (lease_id)");
		runner.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void tablesThatCannotBeCreatedAreRefusedWithTheDdl() {
		String url = "jdbc:h2:mem:read-only";
		JdbcTemplate admin = new JdbcTemplate(new DriverManagerDataSource(url + ";DB_CLOSE_DELAY=-1", "sa", ""));
		admin.execute("create user if not exists reader password 'x'");
		this.contextRunner
			.withPropertyValues("spring.datasource.url=" + url, "spring.datasource.username=reader",
					"spring.datasource.password=x")
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(context.getStartupFailure())
					.hasStackTraceContaining(LockTablesMissingException.class.getName())
					.hasStackTraceContaining("could not be created")
					.hasStackTraceContaining("create table");
			});
	}

	@Test
	void tablesOfAMigrationAreFound() throws IOException {
		this.contextRunner.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.jdbc.initialize-schema=never",
					"cross-process-lock.jdbc.table-prefix=migrated_",
					"spring.flyway.locations=filesystem:" + migration())
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockManager.class));
	}

	@Test
	void shippedScriptIsAMigrationAsItIs() throws IOException {
		try (InputStream script = JdbcLeaseSchema.class.getResourceAsStream("schema-h2.sql")) {
			Files.copy(Objects.requireNonNull(script), this.directory.resolve("V1__locks.sql"));
		}
		this.contextRunner.withConfiguration(AutoConfigurations.of(FlywayAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.jdbc.initialize-schema=never",
					"spring.flyway.locations=filesystem:" + this.directory)
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockManager.class));
	}

	@Test
	void tablesOfAScriptAreFound() throws IOException {
		this.contextRunner.withConfiguration(AutoConfigurations.of(DataSourceInitializationAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.jdbc.initialize-schema=never",
					"cross-process-lock.jdbc.table-prefix=migrated_",
					"spring.sql.init.schema-locations=file:" + migration() + "/V1__locks.sql")
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockManager.class));
	}

	@ParameterizedTest
	@ValueSource(classes = { ScriptOfBoot.class, ScriptOfSpring.class })
	void tablesOfAScriptAreFoundAmongSeveralDataSources(Class<?> script) throws IOException {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, LockAutoConfiguration.class))
			.withUserConfiguration(SeveralDataSources.class, script)
			.withPropertyValues("cross-process-lock.jdbc.initialize-schema=never",
					"cross-process-lock.jdbc.table-prefix=migrated_", "script=" + migration() + "/V1__locks.sql")
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockManager.class));
	}

	@Test
	void contextsThatStartAtOnceShareTheTables() throws Exception {
		ApplicationContextRunner shared = this.contextRunner.withPropertyValues(
				"spring.datasource.url=jdbc:h2:mem:at-once;DB_CLOSE_DELAY=-1", "spring.datasource.username=sa");
		Callable<Boolean> start = () -> {
			boolean[] locked = new boolean[1];
			shared.run((context) -> {
				assertThat(context).hasNotFailed();
				context.getBean(LockManager.class).lock("at-once", Duration.ofMinutes(1)).close();
				locked[0] = true;
			});
			return locked[0];
		};
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			List<Future<Boolean>> starts = threads.invokeAll(IntStream.range(0, 4).mapToObj((i) -> start).toList());
			for (Future<Boolean> result : starts) {
				assertThat(result.get()).isTrue();
			}
		}
		finally {
			threads.shutdown();
		}
	}

	@Test
	void badPrefixNamesTheProperty() {
		this.contextRunner.withPropertyValues("cross-process-lock.jdbc.table-prefix=a b")
			.run((context) -> assertThat(context.getStartupFailure()).hasStackTraceContaining("jdbc.table-prefix"));
	}

	private Path migration() throws IOException {
		String ddl = JdbcLeaseSchema.of(new DriverManagerDataSource("jdbc:h2:mem:"), "migrated_", "h2").ddl();
		Files.writeString(this.directory.resolve("V1__locks.sql"), ddl);
		return this.directory;
	}

	private static List<String> tables(DataSource dataSource) {
		return new JdbcTemplate(dataSource).queryForList(
				"select lower(table_name) from information_schema.tables where table_schema = 'PUBLIC' order by 1",
				String.class);
	}

	/**
	 * Two, one of them for locks. The first bean would start the locks before a script.
	 */
	@Configuration(proxyBeanMethods = false)
	static class SeveralDataSources {

		@Bean
		String early(ObjectProvider<LockManager> locks) {
			return locks.getObject().toString();
		}

		@Bean
		DataSource business() {
			return new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
		}

		@Bean
		@LockDataSource
		DataSource locks() {
			return new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
		}

	}

	/** As Boot's documentation says for a further DataSource. */
	@Configuration(proxyBeanMethods = false)
	static class ScriptOfBoot {

		@Bean
		DataSourceScriptDatabaseInitializer script(@Qualifier("locks") DataSource dataSource, Environment environment) {
			DatabaseInitializationSettings settings = new DatabaseInitializationSettings();
			settings.setSchemaLocations(List.of("file:" + environment.getRequiredProperty("script")));
			return new DataSourceScriptDatabaseInitializer(dataSource, settings);
		}

	}

	/** As Spring itself has it. */
	@Configuration(proxyBeanMethods = false)
	static class ScriptOfSpring {

		@Bean
		DataSourceInitializer script(@Qualifier("locks") DataSource dataSource, Environment environment) {
			DataSourceInitializer initializer = new DataSourceInitializer();
			initializer.setDataSource(dataSource);
			initializer.setDatabasePopulator(
					new ResourceDatabasePopulator(new FileSystemResource(environment.getRequiredProperty("script"))));
			return initializer;
		}

	}

}
