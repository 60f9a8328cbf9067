package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

import org.apache.commons.logging.LogFactory;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.file.PidFileLockManager;
import org.crossprocesslock.file.SystemLock;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * Tests that what goes wrong at start is explained, by the registered analyzers.
 */
class FailureAnalyzersTests {

	private final Path directory;

	private final ApplicationContextRunner withoutDirectory;

	private final ApplicationContextRunner contextRunner;

	private final ApplicationContextRunner withDatabase;

	FailureAnalyzersTests(@TempDir Path directory) {
		this.directory = directory;
		this.withoutDirectory = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class,
					CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class));
		this.contextRunner = this.withoutDirectory.withPropertyValues("cross-process-lock.file.directory=" + directory);
		this.withDatabase = this.contextRunner
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class));
	}

	@Test
	void missingDataSourceIsExplained() {
		explains(this.contextRunner.withPropertyValues("cross-process-lock.backend=jdbc"),
				"there is no DataSource bean", "@LockDataSource");
	}

	@ParameterizedTest
	@ValueSource(strings = { "paper", "jbdc", "${unset}", "" })
	void backendThatIsNoneIsExplainedWithTheChoices(String value) {
		for (String line : List.of("cross-process-lock.backend: jdbc ", "cross-process-lock.backend: file ",
				"cross-process-lock.backend: memory ")) {
			explains(this.withDatabase.withPropertyValues("cross-process-lock.backend=" + value), value, line);
		}
	}

	/** That of Spring Boot would name the constants and not what they mean. */
	@Test
	void backendThatIsNoneIsExplainedBeforeOthersDo() {
		this.contextRunner.withPropertyValues("cross-process-lock.backend=paper").run((context) -> {
			FailureAnalysis first = analyses(Objects.requireNonNull(context.getStartupFailure()), "org.").get(0);
			assertThat(first.getDescription()).contains("'paper', which is no backend");
		});
	}

	@Test
	void missingTablesAreExplained() {
		explains(this.withDatabase.withPropertyValues("cross-process-lock.jdbc.initialize-schema=never"),
				"tables of the cross-process locks are missing or lack a column",
				"create table if not exists cross_process_lock");
	}

	@Test
	void missingRightsAreExplained() {
		String url = "jdbc:h2:mem:missing-rights";
		JdbcTemplate admin = new JdbcTemplate(new DriverManagerDataSource(url + ";DB_CLOSE_DELAY=-1", "sa", ""));
		admin.execute("create user clerk password 'x'");
		this.withDatabase.withPropertyValues("spring.datasource.url=" + url, "spring.datasource.username=sa")
			.run((context) -> assertThat(context).hasNotFailed());
		admin.execute("grant select, insert, update on cross_process_lock, cross_process_lease to clerk");
		explains(
				this.withDatabase.withPropertyValues("spring.datasource.url=" + url, "spring.datasource.username=clerk",
						"spring.datasource.password=x"),
				"lacks rights on the tables", "grant delete on \"PUBLIC\".\"CROSS_PROCESS_LOCK\" to \"CLERK\";");
	}

	@Test
	void unsupportedDatabaseIsExplained() {
		explains(this.withDatabase.withPropertyValues("cross-process-lock.jdbc.platform=sybase"), "'sybase'",
				"cross-process-lock.jdbc.platform");
	}

	@Test
	void badLeaseIsExplained() {
		explains(this.withDatabase.withPropertyValues("cross-process-lock.jdbc.lease.renew-interval=9s"), "PT9S",
				"cross-process-lock.jdbc.lease.renew-interval");
	}

	@Test
	void badBackoffIsExplained() {
		explains(this.withDatabase.withPropertyValues("cross-process-lock.jdbc.backoff.initial-interval=2s"), "PT2S",
				"cross-process-lock.jdbc.backoff.initial-interval");
	}

	@Test
	void badPurgeAgeIsExplained() {
		explains(this.withDatabase.withPropertyValues("cross-process-lock.jdbc.purge-age=1s"), "PT1S",
				"cross-process-lock.jdbc.purge-age");
	}

	@Test
	void badLingerIsExplained() {
		explains(this.withDatabase.withPropertyValues("cross-process-lock.jdbc.linger=11s"), "PT11S",
				"cross-process-lock.jdbc.linger");
	}

	@Test
	void badHolderNameIsExplained() {
		explains(this.withDatabase.withPropertyValues("cross-process-lock.jdbc.lease.holder-name=" + "x".repeat(201)),
				"longer than", "cross-process-lock.jdbc.lease.holder-name");
	}

	@Test
	void badTablePrefixIsExplained() {
		explains(this.withDatabase.withPropertyValues("cross-process-lock.jdbc.table-prefix=a-b"), "a-b",
				"cross-process-lock.jdbc.table-prefix");
	}

	@Test
	void directoryOfAnotherProcessIsExplained() throws IOException {
		try (LockingProcess other = LockingProcess.start(this.directory, SystemLock.FCNTL)) {
			explains(this.contextRunner, "process " + other.pid(), "cross-process-lock.file.directory");
			explains(this.contextRunner, this.directory.toRealPath().toString(),
					"cross-process-lock.file.kind=per-key");
		}
	}

	@Test
	void directoryOfAnotherProcessThatLeftNoPidIsExplained() throws IOException {
		try (LockingProcess other = LockingProcess.start(this.directory, SystemLock.FCNTL)) {
			Files.writeString(this.directory.resolve("LOCK"), "");
			explains(this.contextRunner, "whose id is not known", "Stop that process");
		}
	}

	@Test
	void directoryOfAProcessWithTheSamePidIsExplained() {
		try (PidFileLockManager other = PidFileLockManager.platformDefault(this.directory, new LockListener() {
		})) {
			assertThat(other.getSystemLock()).isEqualTo(SystemLock.FCNTL);
			explains(this.contextRunner, "another part of it, or a process in another container",
					"cross-process-lock.file.directory");
			explains(this.contextRunner, "is in use by", "In a test use @AutoConfigureCrossProcessLock");
		}
	}

	@Test
	void missingDirectoryIsExplained() {
		Path missing = this.directory.resolve("missing");
		explains(this.contextRunner.withPropertyValues("cross-process-lock.file.directory=" + missing),
				missing + " cannot be used: it does not exist", "Create the directory");
		assertThat(missing).doesNotExist();
	}

	@ParameterizedTest
	@EnumSource
	void fileInsteadOfADirectoryIsExplained(LockFileProperties.Kind kind) throws IOException {
		Path file = Files.createFile(this.directory.resolve("file"));
		explains(
				this.contextRunner.withPropertyValues("cross-process-lock.file.directory=" + file,
						"cross-process-lock.file.kind=" + kind),
				"it is not a directory", "Correct cross-process-lock.file.dir");
	}

	@ParameterizedTest
	@EnumSource
	void directoryThatCannotBeWrittenIsExplained(LockFileProperties.Kind kind) throws IOException {
		explains(
				this.contextRunner.withPropertyValues("cross-process-lock.file.directory=" + unwritableDirectory(),
						"cross-process-lock.file.kind=" + kind),
				"may not write there", "Allow the user that runs this process to write there");
	}

	@Test
	void otherFailureOfTheLockFileIsExplained() throws IOException {
		Path lockFile = Files.createDirectory(this.directory.resolve("LOCK"));
		explains(this.contextRunner, lockFile.toString(), "name another directory with cross-process-lock.file.dir");
	}

	@Test
	void pathThatIsNoneIsExplained() {
		explains(this.contextRunner.withPropertyValues("cross-process-lock.file.directory=a\0b"), "Nul character",
				"cross-process-lock.file.directory");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "?", "relative/home" })
	void missingHomeDirectoryIsExplained(String home) {
		explains(
				this.withoutDirectory.withSystemProperties("user.home=" + home)
					.withPropertyValues("spring.application.name=shop"),
				"user.home is '" + home + "'", "Set cross-process-lock.file.directory");
	}

	@Test
	void homeDirectoryThatCannotBeWrittenIsExplained() throws IOException {
		Path home = Files.createFile(this.directory.resolve("home"));
		explains(
				this.withoutDirectory.withSystemProperties("user.home=" + home)
					.withPropertyValues("spring.application.name=shop"),
				home.resolve(".cross-process-lock").resolve("shop") + " cannot be created",
				"Set cross-process-lock.file.directory");
	}

	@Test
	void missingNameOfTheApplicationIsExplained() {
		explains(this.withoutDirectory.withSystemProperties("user.home=" + this.directory),
				"spring.application.name is not set", "Set cross-process-lock.file.directory");
	}

	@ParameterizedTest
	@ValueSource(strings = { "cross-process-lock.backend[0]=file", "crossProcessLock.required-reach[0]=machines",
			"cross-process-lock.enabled[0]=false", "cross-process-lock.jdbc.lease.duration[1]=5s" })
	void propertyThatIsWrittenAsAListIsExplained(String property) {
		String name = property.substring(property.indexOf('.'), property.indexOf('='));
		explains(this.contextRunner.withPropertyValues(property),
				name + " is written as part of a list, but no property of locks is a list.", name);
	}

	@ParameterizedTest
	@ValueSource(strings = { "required-reach", "fencing", "jdbc.lease.duration", "jdbc.initialize-schema",
			"jdbc.wake-up", "file.directory", "file.kind", "default-wait-time", "jdbc.lease" })
	void propertyThatIsBlankIsExplained(String name) {
		String property = "cross-process-lock." + name;
		explains(this.contextRunner.withPropertyValues(property + "=${absent:}"), property + " is set, but to nothing.",
				"Correct " + property + ".");
	}

	/** Without roles, everybody who is authenticated would see keys and release them. */
	@ParameterizedTest
	@ValueSource(strings = { "", " ", "${absent:}" })
	void rolesThatAreBlankAreExplained(String value) {
		String property = "management.endpoint.crossprocesslocks.roles";
		explains(this.contextRunner.withPropertyValues(property + "=" + value), property + " is set, but to nothing.",
				"Correct " + property + ".");
	}

	@Test
	void environmentVariableOfRolesThatIsBlankIsExplained() {
		explains(blank("MANAGEMENT_ENDPOINT_CROSSPROCESSLOCKS_ROLES"), " is set, but to nothing.", "Correct ");
	}

	@Test
	void rolesMayBeAList() {
		this.contextRunner.withPropertyValues("management.endpoint.crossprocesslocks.roles[0]=ops")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void blankThatIsOverriddenIsFine() {
		this.contextRunner.withPropertyValues("cross-process-lock.required-reach=threads")
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addLast(new MapPropertySource("last", Map.of("cross-process-lock.required-reach", ""))))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { "CROSS_PROCESS_LOCK_REQUIRED_REACH", "CROSSPROCESSLOCK_REQUIREDREACH",
			"CROSS_PROCESS_LOCK_FENCING", "CROSS_PROCESS_LOCK_JDBC_LEASE_DURATION", "cross_process_lock_file_kind" })
	void environmentVariableThatIsBlankIsExplained(String variable) {
		explains(blank(variable), " is set, but to nothing.", "Correct ");
	}

	@ParameterizedTest
	@ValueSource(strings = { "MYAPP_CROSS_PROCESS_LOCK_REQUIRED_REACH", "MYAPP_CROSSPROCESSLOCK_REQUIREDREACH" })
	void blankEnvironmentVariableWithAPrefixIsExplained(String variable) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, new SystemEnvironmentPropertySource(
					StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.of(variable, "")));
		SpringApplication application = new SpringApplication(LockAutoConfiguration.class);
		application.setWebApplicationType(WebApplicationType.NONE);
		application.setRegisterShutdownHook(false);
		application.setEnvironment(environment);
		application.setEnvironmentPrefix("myapp");
		assertThatThrownBy(() -> application.run("--cross-process-lock.backend=memory"))
			.hasStackTraceContaining("is set, but to nothing");
	}

	@Test
	void blankEnvironmentVariableThatIsOverriddenIsFine() {
		blank("CROSS_PROCESS_LOCK_REQUIRED_REACH").withPropertyValues("cross-process-lock.required-reach=threads")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	private ApplicationContextRunner blank(String variable) {
		return this.contextRunner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addLast(new SystemEnvironmentPropertySource("test-systemEnvironment", Map.of(variable, ""))));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "${absent:}" })
	void enabledThatIsBlankIsExplained(String value) {
		explains(this.contextRunner.withPropertyValues("cross-process-lock.enabled=" + value),
				"cross-process-lock.enabled is set, but to nothing.", "Correct cross-process-lock.enabled.");
	}

	@Test
	void reachThatIsRequiredOfAnotherManagerIsExplained() {
		explains(
				this.contextRunner.withBean("mine", LockManager.class, MemoryLockManager::new)
					.withPropertyValues("cross-process-lock.required-reach=threads"),
				"the LockManager [mine] is the application's own, so it is not known what its locks exclude",
				"Remove cross-process-lock.required-reach, or remove that bean.");
		this.contextRunner.withConfiguration(AutoConfigurations.of(TestSliceLockAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.required-reach=machines")
			.run((context) -> assertThat(context).hasNotFailed());
		this.contextRunner.withPropertyValues("cross-process-lock.required-reach=threads")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void severalManagersForAnnotatedMethodsAreExplained() {
		ApplicationContextRunner two = this.contextRunner.withBean("one", LockManager.class, MemoryLockManager::new)
			.withBean("two", LockManager.class, MemoryLockManager::new)
			.withBean(Locked.class);
		explains(two, "Locked.run cannot run under a lock as its @CrossProcessLocked says: there are several "
				+ "LockManager beans [one, two], and none of them is @Primary", "with @Primary");
		this.contextRunner.withBean("one", LockManager.class, MemoryLockManager::new)
			.withBean("two", LockManager.class, MemoryLockManager::new, (definition) -> definition.setPrimary(true))
			.withBean(Locked.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void badMethodIsExplained() {
		explains(this.contextRunner.withBean(Annotated.class), "Annotated.run", "annotation");
	}

	@Test
	void otherFailuresAreLeftToOthers() {
		assertThat(analyze(new IllegalStateException("something else"))).isNull();
	}

	/** Nothing that the user who runs the tests can write, even root. */
	private Path unwritableDirectory() throws IOException {
		Path readOnly = Files.createDirectory(this.directory.resolve("read-only"));
		assertThat(readOnly.toFile().setWritable(false)).isTrue();
		Optional<Path> unwritable = Stream.of(readOnly, Path.of("/sys"), Path.of("/proc/sys"))
			.filter((directory) -> Files.isDirectory(directory) && !Files.isWritable(directory))
			.findFirst();
		assumeThat(unwritable).as("a directory that cannot be written").isPresent();
		return unwritable.get();
	}

	private static void explains(ApplicationContextRunner runner, String description, String action) {
		runner.run((context) -> {
			FailureAnalysis analysis = Objects
				.requireNonNull(analyze(Objects.requireNonNull(context.getStartupFailure())));
			assertThat(analysis.getDescription()).contains(description);
			assertThat(analysis.getAction()).contains(action);
		});
	}

	private static @Nullable FailureAnalysis analyze(Throwable failure) {
		List<FailureAnalysis> analyses = analyses(failure, "org.crossprocesslock");
		assertThat(analyses).hasSizeLessThan(2);
		return analyses.isEmpty() ? null : analyses.get(0);
	}

	private static List<FailureAnalysis> analyses(Throwable failure, String analyzers) {
		return SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, FailureHandler.logging(LogFactory.getLog(FailureAnalyzersTests.class)))
			.stream()
			.filter((analyzer) -> analyzer.getClass().getName().startsWith(analyzers))
			.map((analyzer) -> analyzer.analyze(failure))
			.filter((analysis) -> analysis != null)
			.toList();
	}

	static class Locked {

		@CrossProcessLocked(key = "key")
		public void run() {
		}

	}

	static class Annotated {

		@CrossProcessLocked(key = "not a key")
		public void run() {
		}

	}

}
