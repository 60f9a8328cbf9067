package org.crossprocesslock.autoconfigure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import javax.sql.DataSource;

import org.apache.commons.logging.LogFactory;
import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.annotation.CrossProcessLockedAutoConfiguration;
import org.crossprocesslock.annotation.OnBusy;

import org.crossprocesslock.autoconfigure.fencing.FencingAutoConfiguration;
import org.crossprocesslock.file.PidFileLockManager;
import org.crossprocesslock.memory.MemoryLockManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that every analysis of a failed start is in whole sentences and names what there
 * is to change: a property, an annotation, a bean or what to run.
 */
class FailureAnalysisTextTests {

	/** One or more, the first of which may begin with the name of a property. */
	private static final Pattern SENTENCES = Pattern
		.compile("(?:[A-Z]|cross-process-lock\\.)(?:(?!\\.\\.|\\bnull\\b| {2}| \\.|: ?\\.).)*[.:]", Pattern.DOTALL);

	private static final Pattern NAMED = Pattern.compile("cross-process-lock\\.[a-z]|spring\\.[a-z]|@[A-Z]\\w+"
			+ "|bean '\\w+'|\\[\\w+]|\\bgrant \\w|create table|onBusy=|fencing=");

	private final Path directory;

	FailureAnalysisTextTests(@TempDir Path directory) {
		this.directory = directory;
	}

	private List<Case> cases() throws IOException {
		Path file = Files.createFile(this.directory.resolve("file"));
		Path taken = Files.createDirectory(this.directory.resolve("taken"));
		Files.createDirectories(taken.resolve("LOCK"));
		return List.of(inDatabase("cross-process-lock.jdbc.lease.renew-interval=9s").by("InvalidLockProperties"),
				inDatabase("cross-process-lock.jdbc.lease.duration=1ms").by("InvalidLockProperties"),
				inDatabase("cross-process-lock.jdbc.lease.holder-name=" + "x".repeat(201)).by("InvalidLockProperties"),
				inDatabase("cross-process-lock.jdbc.backoff.initial-interval=2s").by("InvalidLockProperties"),
				inDatabase("cross-process-lock.jdbc.purge-age=1s").by("InvalidLockProperties"),
				inDatabase("cross-process-lock.jdbc.linger=11s").by("InvalidLockProperties"),
				inDatabase("cross-process-lock.jdbc.table-prefix=a-b").by("InvalidLockProperties"),
				with("cross-process-lock.file.directory=a\0b").by("InvalidLockProperties"),
				with("cross-process-lock.jdbc.lease.duration[0]=5s").by("InvalidLockProperties"),
				with("cross-process-lock.enabled=").by("InvalidLockProperties"),
				with("cross-process-lock.backend=paper").by("UnknownBackend"),
				with("cross-process-lock.backend=").by("RefusedStart"),
				with("cross-process-lock.backend=jdbc").by("RefusedStart"),
				with("cross-process-lock.required-reach=machines").by("RefusedStart"),
				with("cross-process-lock.required-reach=threads",
						(runner) -> runner.withBean("mine", LockManager.class, MemoryLockManager::new))
					.by("RefusedStart"),
				with("", (runner) -> runner.withBean("one", DataSource.class, FailureAnalysisTextTests::database)
					.withBean("two", DataSource.class, FailureAnalysisTextTests::database)).by("RefusedStart"),
				with("", (runner) -> runner.withBean("routing", DataSource.class, Routing::new)).by("RefusedStart"),
				inDatabase("spring.datasource.url=jdbc:h2:mem:absent;IFEXISTS=TRUE").by("RefusedStart"),
				inDatabase("spring.datasource.url=jdbc:h2:tcp://localhost:1/absent",
						"spring.datasource.type=" + DriverManagerDataSource.class.getName())
					.by("RefusedStart"),
				inDatabase("cross-process-lock.jdbc.platform=sybase").by("UnsupportedDatabase"),
				inDatabase("cross-process-lock.jdbc.platform=postgresql").by("UnsupportedDatabase"),
				inDatabase("cross-process-lock.jdbc.initialize-schema=never").by("LockTablesMissing"),
				inDatabase("spring.datasource.url=" + urlForClerk(false), "spring.datasource.username=clerk",
						"spring.datasource.password=x")
					.by("LockTablesMissing"),
				inDatabase("spring.datasource.url=" + urlForClerk(true), "spring.datasource.username=clerk",
						"spring.datasource.password=x")
					.by("LockRightsMissing"),
				with("cross-process-lock.file.directory=" + this.directory.resolve("missing")).by("LockDirectory"),
				with("cross-process-lock.file.directory=" + file).by("LockDirectory"),
				with("cross-process-lock.file.directory=" + file, "cross-process-lock.file.kind=per-key")
					.by("LockDirectory"),
				with("cross-process-lock.file.directory=" + taken).by("LockDirectory"),
				with("cross-process-lock.file.directory=" + this.directory).by("LockDirectoryHeld"),
				with("spring.application.name=").by("NoLockDirectory"),
				with("cross-process-lock.fencing=required").by("FencingNotPossible"),
				withMethodOf(BadKey.class).by("LockedMethod"), withMethodOf(Skipping.class).by("LockedMethod"),
				withMethodOf(Asynchronous.class).by("LockedMethod"), withMethodOf(Fenced.class).by("LockedMethod"),
				withMethodOf(Unproxied.class).by("LockedMethod"),
				with("cross-process-lock.enabled=false", (runner) -> runner.withBean(Plain.class)).by("LockedMethod"),
				with("", (runner) -> runner.withUserConfiguration(Early.class)).by("LockedMethod"));
	}

	@Test
	void everyAnalysisIsInSentencesAndNamesWhatToChange() throws IOException {
		Set<String> seen = new TreeSet<>();
		try (PidFileLockManager other = PidFileLockManager.platformDefault(this.directory, new LockListener() {
		})) {
			assertThat(other.getSystemLock()).isNotNull();
			for (Case each : cases()) {
				each.runner().run((context) -> {
					FailureAnalysis analysis = analysis(
							Objects.requireNonNull(context.getStartupFailure(), each.name()), each);
					seen.add(each.analyzer());
					assertThat(analysis.getDescription()).as(each.name()).matches(SENTENCES);
					assertThat(prose(Objects.requireNonNull(analysis.getAction()))).as(each.name()).matches(SENTENCES);
					assertThat(analysis.getDescription() + analysis.getAction()).as(each.name()).containsPattern(NAMED);
				});
			}
		}
		assertThat(seen)
			.containsExactlyInAnyOrderElementsOf(analyzers().stream().map(FailureAnalysisTextTests::name).toList());
	}

	/** What comes before lines to copy. */
	private static String prose(String action) {
		return action.split("\n\n", 2)[0];
	}

	private static FailureAnalysis analysis(Throwable failure, Case tried) {
		for (FailureAnalyzer analyzer : analyzers()) {
			FailureAnalysis analysis = analyzer.analyze(failure);
			if (analysis != null) {
				assertThat(name(analyzer)).as(tried.name()).isEqualTo(tried.analyzer());
				return analysis;
			}
		}
		throw new AssertionError("No analysis of " + tried.name(), failure);
	}

	private static String name(FailureAnalyzer analyzer) {
		return analyzer.getClass().getSimpleName().replace("FailureAnalyzer", "");
	}

	private static List<FailureAnalyzer> analyzers() {
		return SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, FailureHandler.logging(LogFactory.getLog(FailureAnalysisTextTests.class)))
			.stream()
			.filter((analyzer) -> analyzer.getClass().getName().startsWith("org.crossprocesslock."))
			.toList();
	}

	private Case with(String... properties) {
		return with(properties, UnaryOperator.identity());
	}

	private Case with(String property, UnaryOperator<ApplicationContextRunner> application) {
		return with(new String[] { property }, application);
	}

	private Case withMethodOf(Class<?> bean) {
		return with(new String[] { "cross-process-lock.backend=memory" }, (runner) -> runner.withBean(bean));
	}

	private Case inDatabase(String... properties) {
		return with(properties,
				(runner) -> runner.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class)));
	}

	private Case with(String[] properties, UnaryOperator<ApplicationContextRunner> application) {
		Path locks = this.directory.resolve(UUID.randomUUID().toString());
		assertThat(locks.toFile().mkdir()).isTrue();
		return new Case(String.join(", ", properties), "",
				application.apply(new ApplicationContextRunner()
					.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class,
							CrossProcessLockedAutoConfiguration.class, FencingAutoConfiguration.class))
					.withSystemProperties("user.home=" + locks)
					.withPropertyValues("spring.application.name=shop")
					.withPropertyValues(properties)));
	}

	private static DataSource database() {
		return new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
	}

	/** A database with a user who may do little, and with the tables or without. */
	private static String urlForClerk(boolean tables) {
		String url = "jdbc:h2:mem:" + UUID.randomUUID();
		JdbcTemplate admin = new JdbcTemplate(new DriverManagerDataSource(url + ";DB_CLOSE_DELAY=-1", "sa", ""));
		admin.execute("create user clerk password 'x'");
		if (tables) {
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DataSourceAutoConfiguration.class, LockAutoConfiguration.class))
				.withPropertyValues("spring.datasource.url=" + url, "spring.datasource.username=sa")
				.run((context) -> assertThat(context).hasNotFailed());
			admin.execute("grant select on cross_process_lock, cross_process_lease to clerk");
		}
		return url;
	}

	private record Case(String name, String analyzer, ApplicationContextRunner runner) {

		Case by(String expected) {
			return new Case(this.name, expected, this.runner);
		}

	}

	static final class Routing extends AbstractRoutingDataSource {

		Routing() {
			setTargetDataSources(Map.of("a", database()));
			afterPropertiesSet();
		}

		@Override
		protected Object determineCurrentLookupKey() {
			return "a";
		}

	}

	static class BadKey {

		@CrossProcessLocked(key = "not a key")
		public void run() {
		}

	}

	static class Skipping {

		@CrossProcessLocked(key = "key", onBusy = OnBusy.SKIP)
		public int run() {
			return 0;
		}

	}

	static class Asynchronous {

		@CrossProcessLocked(key = "key")
		public Future<Void> run() {
			return CompletableFuture.completedFuture(null);
		}

	}

	static class Fenced {

		@CrossProcessLocked(key = "key", fencing = Fencing.REQUIRED)
		public void run() {
		}

	}

	static class Plain {

		@CrossProcessLocked(key = "key")
		public void run() {
		}

	}

	static class Unproxied {

		@CrossProcessLocked(key = "key")
		@SuppressWarnings("unused") // found by reflection
		private void run() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Early {

		@Bean
		static BeanFactoryPostProcessor early(Plain plain) {
			return (beanFactory) -> assertThat(plain).isNotNull();
		}

		@Bean
		static Plain plain() {
			return new Plain();
		}

	}

}
