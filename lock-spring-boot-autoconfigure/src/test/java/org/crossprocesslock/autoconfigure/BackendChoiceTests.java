package org.crossprocesslock.autoconfigure;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import javax.sql.DataSource;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.context.support.SimpleThreadScope;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BackendChoice}: what a context gets, and when nothing.
 */
@ExtendWith(OutputCaptureExtension.class)
class BackendChoiceTests {

	private final ApplicationContextRunner contextRunner;

	BackendChoiceTests(@TempDir Path directory) {
		this.contextRunner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(LockAutoConfiguration.class))
			.withPropertyValues("cross-process-lock.file.directory=" + directory);
	}

	@ParameterizedTest
	@ValueSource(strings = { "cross-process-lock.backend=memory", "cross-process-lock.backend= Memory ",
			"crossProcessLock.backend=MEMORY", "cross_process_lock.backend=memory",
			"cross-process-lock.backend=${wanted}", "cross-process-lock.backend=${absent:memory}" })
	void propertyIsReadInOneWay(String property) {
		this.contextRunner.withPropertyValues("wanted=memory", property)
			.withUserConfiguration(First.class)
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(MemoryLockManager.class);
				assertThat(context.getBean(LockProperties.class).getBackend()).isEqualTo(LockProperties.Backend.MEMORY);
			});
	}

	@Test
	void environmentVariableIsAProperty() {
		this.contextRunner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment",
						Map.of("CROSSPROCESSLOCK_BACKEND", "memory"))))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(MemoryLockManager.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "  ", "${absent:}" })
	void blankPropertyIsRefused(String value) {
		refuses(this.contextRunner.withPropertyValues("cross-process-lock.backend=" + value),
				"cross-process-lock.backend is set, but to nothing");
	}

	@Test
	void severalDataSourcesAreRefused() {
		refuses(this.contextRunner.withUserConfiguration(First.class, Second.class), "several DataSource beans",
				"[first, second]");
	}

	@Test
	void severalPrimaryDataSourcesAreRefused() {
		refuses(this.contextRunner.withUserConfiguration(PrimaryOne.class, PrimaryTwo.class),
				"several DataSource beans are primary", "[primaryOne, primaryTwo]");
	}

	@Test
	void severalQualifiedDataSourcesAreRefused() {
		refuses(this.contextRunner.withUserConfiguration(QualifiedOne.class, QualifiedTwo.class),
				"several DataSource beans are qualified with @LockDataSource", "[qualifiedOne, qualifiedTwo]");
	}

	@Test
	void qualifierOnWhatIsNoDataSourceIsRefused() {
		refuses(this.contextRunner.withUserConfiguration(First.class, QualifiedTemplate.class),
				"@LockDataSource is on [qualifiedTemplate], which is not defined as a DataSource");
	}

	@Test
	void dataSourceThatNobodyGetsWithoutAQualifierIsRefused() {
		refuses(this.contextRunner.withUserConfiguration(NoDefaultCandidate.class), "no DataSource bean is a default",
				"[noDefaultCandidate]");
	}

	/** As the auto-configuration of it registers one, after those of the application. */
	@Test
	void reactiveDatabaseIsRefused() {
		refuses(this.contextRunner.withConfiguration(AutoConfigurations.of(R2dbcAutoConfiguration.class)),
				"reactive ConnectionFactory", "[connectionFactory]");
	}

	@Test
	void reactiveDatabaseBesidesADataSourceIsNoObstacle() {
		this.contextRunner.withConfiguration(AutoConfigurations.of(R2dbcAutoConfiguration.class))
			.withUserConfiguration(First.class)
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LeaseLockManager.class));
	}

	@Test
	void askedForDatabaseWithoutOneIsRefused() {
		refuses(this.contextRunner.withPropertyValues("cross-process-lock.backend=jdbc"),
				"cross-process-lock.backend=jdbc asks for locks in a database, but there is no DataSource bean");
	}

	@Test
	void askedForDatabaseAmongSeveralIsRefused() {
		refuses(this.contextRunner.withPropertyValues("cross-process-lock.backend=jdbc")
			.withUserConfiguration(First.class, Second.class), "[first, second]");
	}

	@ParameterizedTest
	@ValueSource(strings = { "file", "memory" })
	void whatIsAskedForNeedsNoDataSourceToBeClear(String backend) {
		this.contextRunner.withPropertyValues("cross-process-lock.backend=" + backend)
			.withUserConfiguration(First.class, Second.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(LockBackend.class).name()).isEqualTo(backend);
			});
	}

	@Test
	void managerOfTheApplicationNeedsNoDecision() {
		this.contextRunner.withUserConfiguration(First.class, Second.class)
			.withBean("own", LockManager.class, BackendChoiceTests::memory)
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockManager.class));
	}

	@Test
	void managerThatATestPutsInItsPlaceNeedsNoDecision() {
		this.contextRunner.withUserConfiguration(First.class, Second.class)
			.withInitializer((context) -> context.addBeanFactoryPostProcessor((beanFactory) -> {
				DefaultListableBeanFactory beans = (DefaultListableBeanFactory) beanFactory;
				for (String name : beans.getBeanNamesForType(LockManager.class, true, false)) {
					beans.removeBeanDefinition(name);
					beans.registerBeanDefinition(name,
							new RootBeanDefinition(LockManager.class, BackendChoiceTests::memory));
				}
			}))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(LockManager.class));
	}

	@ParameterizedTest
	@CsvSource({ "First, '', first, there is a single DataSource [first]",
			"First, NoDefaultCandidate, first, "
					+ "'DataSource [first] is the only default candidate among [first, noDefaultCandidate]'",
			"First, NoCandidateAtAll, first, there is a single DataSource [first]",
			"First, PrimaryOne, primaryOne, 'DataSource [primaryOne] is the primary one among [first, primaryOne]'",
			"First, FallbackOne, first, 'DataSource [first] is the only one among [first, fallbackOne] that is no fallback'",
			"PrimaryOne, QualifiedOne, qualifiedOne, DataSource [qualifiedOne] is qualified with @LockDataSource",
			"First, QualifiedScoped, qualifiedScoped, DataSource [qualifiedScoped] is qualified with @LockDataSource",
			"First, FirstOfAScope, , " })
	void reasonIsTrue(String one, String other, @Nullable String name, @Nullable String reason, CapturedOutput output)
			throws ClassNotFoundException {
		ApplicationContextRunner runner = this.contextRunner
			.withInitializer((context) -> context.getBeanFactory().registerScope("thread", new SimpleThreadScope()))
			.withUserConfiguration(configuration(one));
		if (!other.isEmpty()) {
			runner = runner.withUserConfiguration(configuration(other));
		}
		runner.run((context) -> {
			if (name == null) {
				assertThat(context).hasFailed();
				return;
			}
			assertThat(context).hasNotFailed().hasSingleBean(LeaseLockManager.class);
			assertThat(JdbcLeaseSchema.of(context.getBean(name, DataSource.class), "cross_process_", null).exists())
				.isTrue();
			assertThat(context.getBean(LockBackend.class).reason()).isEqualTo(reason);
			assertThat(output).containsOnlyOnce("Locks use the jdbc backend: " + reason);
		});
	}

	@Test
	void primaryDataSourceOfTheContextIsNearerThanThatOfItsParent() {
		new ApplicationContextRunner().withUserConfiguration(PrimaryOne.class)
			.run((parent) -> this.contextRunner.withParent(parent)
				.withUserConfiguration(PrimaryTwo.class)
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(context.getBean(LockBackend.class).reason()).contains("[primaryTwo] is the primary one");
				}));
	}

	@Test
	void storeOfTheApplicationIsUsed() {
		this.contextRunner.withUserConfiguration(First.class, Second.class, OwnStore.class).run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(LeaseStore.class).hasSingleBean(LeaseLockManager.class);
			assertThat(context.getBean(LockBackend.class).reason()).isEqualTo("there is a LeaseStore [ownStore]");
			context.getBean(LockManager.class).tryLock("key").orElseThrow().close();
			assertThat(rows(context.getBean("second", DataSource.class), "cross_process_lock")).isOne();
		});
	}

	@Test
	void customizersHaveTheLastWordInTheirOrder() {
		List<String> called = new ArrayList<>();
		this.contextRunner.withUserConfiguration(First.class)
			.withBean("b", JdbcLeaseStoreBuilderCustomizer.class, () -> new SecondCustomizer(called))
			.withBean("a", JdbcLeaseStoreBuilderCustomizer.class, () -> new FirstCustomizer(called))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(called).containsExactly("first", "second");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "bare", "delegating", "lazy", "transaction-aware", "proxied", "twice" })
	void routingDataSourceIsRefused(String wrapping) {
		refuses(this.contextRunner.withBean("routing", DataSource.class, () -> wrapped(new Routing(), wrapping)),
				"DataSource [routing] leads its callers to several databases", "@LockDataSource");
	}

	@Test
	void routingDataSourceThatIsQualifiedIsUsed() {
		this.contextRunner.withUserConfiguration(QualifiedRouting.class).run((context) -> {
			assertThat(context).hasNotFailed();
			context.getBean(LockManager.class).tryLock("key").orElseThrow().close();
		});
	}

	@Test
	void routingDataSourceThatLeadsNowhereIsExplained() {
		refuses(this.contextRunner.withUserConfiguration(QualifiedRoutingToNowhere.class),
				"leads a thread without context to no database", "@LockDataSource");
	}

	private static void refuses(ApplicationContextRunner runner, String... words) {
		runner.run((context) -> {
			Throwable failure = Objects.requireNonNull(context.getStartupFailure());
			Throwable refusal = Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
				.filter(RefusedStartException.class::isInstance)
				.findFirst()
				.orElseThrow(() -> new AssertionError("not refused", failure));
			assertThat(refusal).hasMessageContainingAll(words);
		});
	}

	private static Class<?> configuration(String name) throws ClassNotFoundException {
		return Class.forName(BackendChoiceTests.class.getName() + "$" + name);
	}

	private static int rows(DataSource dataSource, String table) {
		return Objects.requireNonNull(
				new JdbcTemplate(dataSource).queryForObject("select count(*) from " + table, Integer.class));
	}

	private static LockManager memory() {
		return new MemoryLockManager(new LockListener() {
		});
	}

	private static DataSource database() {
		return new DriverManagerDataSource("jdbc:h2:mem:choice-" + System.nanoTime() + ";DB_CLOSE_DELAY=-1", "sa", "");
	}

	private static DataSource wrapped(DataSource dataSource, String wrapping) {
		return switch (wrapping) {
			case "delegating" -> new DelegatingDataSource(dataSource);
			case "lazy" -> new LazyConnectionDataSourceProxy(dataSource);
			case "transaction-aware" -> new TransactionAwareDataSourceProxy(dataSource);
			case "proxied" -> (DataSource) new ProxyFactory(DataSource.class, new Passing(dataSource)).getProxy();
			case "twice" -> new LazyConnectionDataSourceProxy(new DelegatingDataSource(dataSource));
			default -> dataSource;
		};
	}

	private record Passing(DataSource target) implements MethodInterceptor {

		@Override
		public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
			return invocation.getMethod().invoke(this.target, invocation.getArguments());
		}

	}

	/** Routes those who have no key to a default. */
	static class Routing extends AbstractRoutingDataSource {

		Routing() {
			setTargetDataSources(Map.of("a", database(), "b", database()));
			setDefaultTargetDataSource(database());
			afterPropertiesSet();
		}

		@Override
		protected @Nullable Object determineCurrentLookupKey() {
			return null;
		}

	}

	@Order(1)
	private record FirstCustomizer(List<String> called) implements JdbcLeaseStoreBuilderCustomizer {

		@Override
		public void customize(JdbcLeaseStore.Builder builder) {
			this.called.add("first");
		}

	}

	@Order(2)
	private record SecondCustomizer(List<String> called) implements JdbcLeaseStoreBuilderCustomizer {

		@Override
		public void customize(JdbcLeaseStore.Builder builder) {
			this.called.add("second");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class First {

		@Bean
		DataSource first() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Second {

		@Bean
		DataSource second() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryOne {

		@Bean
		@Primary
		DataSource primaryOne() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryTwo {

		@Bean
		@Primary
		DataSource primaryTwo() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FallbackOne {

		@Bean
		@Fallback
		DataSource fallbackOne() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoDefaultCandidate {

		@Bean(defaultCandidate = false)
		DataSource noDefaultCandidate() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoCandidateAtAll {

		@Bean(autowireCandidate = false)
		DataSource noCandidateAtAll() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedOne {

		@Bean(defaultCandidate = false)
		@LockDataSource
		DataSource qualifiedOne() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedTwo {

		@Bean(defaultCandidate = false)
		@LockDataSource
		DataSource qualifiedTwo() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FirstOfAScope {

		@Bean
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.INTERFACES)
		DataSource firstOfAScope() {
			return database();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedScoped {

		private static final DataSource DATABASE = database();

		@Bean
		@LockDataSource
		@Scope(scopeName = "thread", proxyMode = ScopedProxyMode.INTERFACES)
		DataSource qualifiedScoped() {
			return DATABASE;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedTemplate {

		@Bean
		@LockDataSource
		JdbcTemplate qualifiedTemplate(DataSource dataSource) {
			return new JdbcTemplate(dataSource);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedRouting {

		@Bean
		@LockDataSource
		DataSource qualifiedRouting() {
			return new LazyConnectionDataSourceProxy(new Routing());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedRoutingToNowhere {

		@Bean
		@LockDataSource
		AbstractRoutingDataSource nowhere() {
			AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

				@Override
				protected @Nullable Object determineCurrentLookupKey() {
					return null;
				}

			};
			routing.setTargetDataSources(Map.of("a", database()));
			return routing;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStore {

		@Bean
		LeaseStore ownStore(DataSource second) {
			JdbcLeaseSchema.of(second, "cross_process_", null).createIfMissing();
			return JdbcLeaseStore.builder(second).build();
		}

	}

}
