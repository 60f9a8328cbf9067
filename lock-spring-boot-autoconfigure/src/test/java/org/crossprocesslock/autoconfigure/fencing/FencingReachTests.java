package org.crossprocesslock.autoconfigure.fencing;

import java.time.Duration;
import java.util.UUID;

import javax.sql.DataSource;

import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockInspection;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CrossProcessLocked;
import org.crossprocesslock.autoconfigure.fencing.TransactionFencing.Check;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.jdbc.CommitFence;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.memory.MemoryLockManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.mockito.AdditionalAnswers;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.PriorityOrdered;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.mockito.Mockito.mock;

/**
 * Tests for where transactions can be checked and what is said where they cannot.
 */
@ExtendWith(OutputCaptureExtension.class)
class FencingReachTests {

	private static final String NOT_CHECKED = "are not checked for lost locks before they commit: ";

	private final FencedApplication application = new FencedApplication();

	private final ApplicationContextRunner runner = this.application.runner();

	@Test
	void nothingIsSaidWhereTransactionsAreChecked(CapturedOutput output) {
		this.runner.withPropertyValues("cross-process-lock.fencing=required").run((context) -> {
			assertThat(context).hasNotFailed().hasSingleBean(CommitFence.class);
			assertThat(context.getBean(TransactionFencing.class).obstacle()).isNull();
			assertThat(output).doesNotContain(NOT_CHECKED);
		});
	}

	@Test
	void anotherBackendIsSaidOnce(CapturedOutput output) {
		this.runner.withPropertyValues("cross-process-lock.backend=memory").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce(
					"Transactions of 'transactionManager' " + NOT_CHECKED + "the locks are on the memory backend");
		});
	}

	@Test
	void managerOfTheApplicationIsSaidOnce(CapturedOutput output) {
		this.runner.withBean(LockManager.class, () -> new MemoryLockManager(new LockListener() {
		})).run((context) -> assertThat(output).containsOnlyOnce(NOT_CHECKED + "there is no CommitFence bean"));
	}

	@Test
	void storeOfTheApplicationThatIsDeclaredByItsInterfaceWillDo(CapturedOutput output) {
		checksAll(this.runner.withBean("ownStore", LeaseStore.class, this::ownStore), output);
	}

	@Test
	void storeOfTheApplicationThatIsOfAnotherKindIsSaid(CapturedOutput output) {
		this.runner
			.withBean("ownStore", LeaseStore.class,
					() -> mock(LeaseStore.class, AdditionalAnswers.delegatesTo(ownStore())))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBeansOfType(CommitFence.class)).isEmpty();
				assertThat(output).containsOnlyOnce(NOT_CHECKED
						+ "there is no CommitFence bean beside the application's own LeaseStore, which is no JdbcLeaseStore");
			});
	}

	private JdbcLeaseStore ownStore() {
		JdbcLeaseSchema.of(this.application.dataSource, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		return JdbcLeaseStore.builder(this.application.dataSource).leaseDuration(Duration.ofSeconds(2)).build();
	}

	@Test
	void severalFencesAreSaid(CapturedOutput output) {
		ApplicationContextRunner several = this.runner.withUserConfiguration(SeveralFences.class);
		several.run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output)
				.containsOnlyOnce(NOT_CHECKED + "there are several CommitFence beans, none of which is primary");
		});
		several.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).getFailure().hasMessageContaining("several CommitFence beans"));
	}

	@Test
	void thePrimaryOneOfSeveralFencesWillDo(CapturedOutput output) {
		ApplicationContextRunner primary = this.runner.withUserConfiguration(SeveralFences.class)
			.withInitializer((context) -> context
				.addBeanFactoryPostProcessor((beans) -> beans.getBeanDefinition("one").setPrimary(true)));
		checksAll(primary, output);
	}

	@Test
	void nothingIsSaidWhereItIsNotWanted(CapturedOutput output) {
		this.runner.withPropertyValues("cross-process-lock.backend=memory", "cross-process-lock.fencing=off")
			.run((context) -> assertThat(output).doesNotContain(NOT_CHECKED));
	}

	@Test
	void anotherBackendIsRefusedWhereItIsRequired() {
		this.runner.withPropertyValues("cross-process-lock.backend=memory", "cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).hasFailed()
				.getFailure()
				.isInstanceOfSatisfying(FencingNotPossibleException.class, (ex) -> {
					FailureAnalysis analysis = new FencingNotPossibleFailureAnalyzer().analyze(ex, ex);
					assertThat(analysis.getDescription()).contains("cross-process-lock.fencing=required")
						.contains("'transactionManager' (the locks are on the memory backend)");
					assertThat(analysis.getAction()).contains("cross-process-lock.backend=jdbc")
						.contains("cross-process-lock.fencing=auto");
				}));
	}

	@Test
	void transactionManagerThatIsMadeLazilyWillDo() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void lazyTransactionManagerThatIsDefinedByItsInterfaceWillDo() {
		this.runner
			.withBean("transactionManager", PlatformTransactionManager.class,
					() -> new DataSourceTransactionManager(this.application.dataSource))
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void transactionManagerThatIsMadeBeforeOthersCanSeeItWillDo() {
		this.runner.withUserConfiguration(EarlyManager.class)
			.withBean(Service.class)
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				TransactionTemplate transaction = new TransactionTemplate(
						context.getBean(PlatformTransactionManager.class));
				Service service = context.getBean(Service.class);
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> service.locked(() -> transaction.executeWithoutResult((status) -> {
						this.application.insert(1);
						this.application.anotherProcessTakes("key");
					})));
				assertThat(this.application.rows()).isEmpty();
				assertThat(context.getBean(TransactionFencing.class).count(Check.REFUSED)).isOne();
			});
	}

	@Test
	void managerThatDoesNotTellOfItsTransactionsIsSaid(CapturedOutput output) {
		this.runner.withBean("silent", SilentManager.class, () -> new SilentManager(manager()))
			.run((context) -> assertThat(output).containsOnlyOnce("Transactions of 'silent' " + NOT_CHECKED
					+ "the transaction manager does not tell of its transactions"));
	}

	@Test
	void managerThatDoesNotTellOfItsTransactionsIsRefusedWhereFencingIsRequired() {
		ApplicationContextRunner silent = this.runner.withBean("silent", SilentManager.class,
				() -> new SilentManager(manager()));
		silent.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("transactions of 'silent' would not be"));
		silent.withBean(Service.class)
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("Service.required")
				.hasMessageContaining("transactions of 'silent' would not be"));
	}

	@Test
	void managerOfAContextAboveIsSaid(CapturedOutput output) {
		ApplicationContextRunner above = new ApplicationContextRunner().withBean("above",
				DataSourceTransactionManager.class, this::manager);
		above.run((parent) -> {
			this.runner.withParent(parent)
				.run((context) -> assertThat(output).containsOnlyOnce("Transactions of 'above' " + NOT_CHECKED
						+ "it is a bean of a context above, which has no locks"));
			this.runner.withParent(parent)
				.withPropertyValues("cross-process-lock.fencing=required")
				.run((context) -> assertThat(context).getFailure()
					.hasMessageContaining("transactions of 'above' would not be")
					.hasMessageContaining("it is a bean of a context above, which has no locks"));
		});
	}

	@Test
	void managerOfAContextAboveThatHasLocksWillDo(CapturedOutput output) {
		this.runner.withPropertyValues("cross-process-lock.fencing=required")
			.run((parent) -> new ApplicationContextRunner().withParent(parent)
				.withConfiguration(AutoConfigurations.of(FencingAutoConfiguration.class))
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(output).doesNotContain(NOT_CHECKED);
				}));
	}

	private static void checksAll(ApplicationContextRunner runner, CapturedOutput output) {
		runner.withPropertyValues("cross-process-lock.fencing=required").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).doesNotContain(NOT_CHECKED);
		});
	}

	@Test
	void managerOfAContextAboveThatIsHiddenIsNotSaid(CapturedOutput output) {
		new ApplicationContextRunner().withBean("transactionManager", DataSourceTransactionManager.class, this::manager)
			.run((parent) -> checksAll(this.runner.withParent(parent).withUserConfiguration(AnotherManager.class),
					output));
	}

	@Test
	void managerOfAContextAboveThatIsABeanOfThisOneTooWillDo(CapturedOutput output) {
		new ApplicationContextRunner().withBean("above", DataSourceTransactionManager.class, this::manager)
			.run((parent) -> checksAll(this.runner.withParent(parent)
				.withBean("here", PlatformTransactionManager.class,
						() -> parent.getBean("above", PlatformTransactionManager.class)),
					output));
	}

	@Test
	void managerThatLeavesItsTransactionsToAnotherBeanWillDo(CapturedOutput output) {
		this.runner.withUserConfiguration(Delegate.class)
			.withBean(Service.class)
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).doesNotContain(NOT_CHECKED);
				TransactionTemplate transaction = new TransactionTemplate(context.getBean(SilentManager.class));
				Service service = context.getBean(Service.class);
				assertThatExceptionOfType(LockLostException.class)
					.isThrownBy(() -> service.locked(() -> transaction.executeWithoutResult((status) -> {
						this.application.insert(1);
						this.application.anotherProcessTakes("key");
					})));
				assertThat(this.application.rows()).isEmpty();
			});
	}

	@Test
	void missingTransactionManagerIsRefusedWhereItIsRequired() {
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.transaction"))
			.withPropertyValues("cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).getFailure().hasMessageContaining("not on the class path"));
	}

	@Test
	void requirementWithoutLocksIsNoMistake() {
		this.runner.withPropertyValues("cross-process-lock.enabled=false", "cross-process-lock.fencing=required")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void methodThatRequiresWhatIsNotPossibleIsRefused() {
		this.runner.withBean(Service.class)
			.withPropertyValues("cross-process-lock.backend=memory")
			.run((context) -> assertThat(context).getFailure()
				.hasMessageContaining("Service.required")
				.hasMessageContaining("the locks are on the memory backend"));
	}

	@Test
	void transactionsOfAnotherDataSourceAreNotChecked(CapturedOutput output) {
		this.runner.withUserConfiguration(AnotherDatabase.class).withBean(Service.class).run((context) -> {
			assertThat(output).containsOnlyOnce("Transactions of 'anotherTransactionManager' " + NOT_CHECKED
					+ "the transaction manager works on another DataSource than the locks");
			Service service = context.getBean(Service.class);
			TransactionTemplate another = new TransactionTemplate(
					context.getBean("anotherTransactionManager", PlatformTransactionManager.class));
			service.locked(() -> another.executeWithoutResult((status) -> {
			}));
			assertThatIllegalStateException()
				.isThrownBy(() -> service.required(() -> another.executeWithoutResult((status) -> {
				})))
				.withMessageContaining("cannot be checked before its commit")
				.withMessageContaining("another DataSource");
		});
	}

	@Test
	void callThatRequiresFencingHasATransactionRolledBackThatItJoinsAndNobodyChecks() {
		this.runner.withUserConfiguration(AnotherDatabase.class).withBean(Service.class).run((context) -> {
			Service service = context.getBean(Service.class);
			TransactionTemplate another = new TransactionTemplate(
					context.getBean("anotherTransactionManager", PlatformTransactionManager.class));
			assertThatIllegalStateException()
				.isThrownBy(() -> service.locked(() -> another.executeWithoutResult((status) -> service.required(() -> {
				}))))
				.withMessageContaining("cannot be checked before its commit");
		});
	}

	@Test
	void transactionThatCannotBeCheckedRollsBackIfItsLockIsKnownToBeLost() {
		this.runner.withPropertyValues("cross-process-lock.backend=memory").run((context) -> {
			TransactionTemplate transaction = new TransactionTemplate(
					context.getBean(PlatformTransactionManager.class));
			LockInspection inspection = context.getBean(LockManager.class).inspection().orElseThrow();
			assertThatExceptionOfType(LockLostException.class).isThrownBy(() -> context.getBean(LockManager.class)
				.runLocked(LockRequest.of("work", Duration.ZERO), () -> transaction.executeWithoutResult((status) -> {
					this.application.insert(1);
					long token = inspection.report("work").held().get(0).token();
					assertThat(inspection.release("work", token)).isTrue();
				})));
			assertThat(this.application.rows()).isEmpty();
			assertThat(context.getBean(TransactionFencing.class).count(Check.REFUSED)).isOne();
		});
	}

	@Test
	void proxiesOfTheDataSourceAreNoObstacle() {
		DataSource proxied = new TransactionAwareDataSourceProxy(
				new LazyConnectionDataSourceProxy(this.application.dataSource));
		this.runner
			.withBean("transactionManager", PlatformTransactionManager.class,
					() -> new DataSourceTransactionManager(proxied))
			.run((context) -> assertThat(context.getBean(TransactionFencing.class).obstacle()).isNull());
	}

	private DataSourceTransactionManager manager() {
		return new DataSourceTransactionManager(this.application.dataSource);
	}

	/** A manager before another one. */
	@Configuration(proxyBeanMethods = false)
	static class Delegate {

		@Bean
		DataSourceTransactionManager transactionManager(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

		@Bean(defaultCandidate = false)
		SilentManager delegate(DataSourceTransactionManager transactionManager) {
			return new SilentManager(transactionManager);
		}

	}

	/** Of the name that the auto-configured one would have. */
	@Configuration(proxyBeanMethods = false)
	static class AnotherManager {

		@Bean
		DataSourceTransactionManager transactionManager(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

	}

	/** Of whose transactions nobody hears. */
	record SilentManager(PlatformTransactionManager target) implements PlatformTransactionManager {

		@Override
		public TransactionStatus getTransaction(@Nullable TransactionDefinition definition) {
			return this.target.getTransaction(definition);
		}

		@Override
		public void commit(TransactionStatus status) {
			this.target.commit(status);
		}

		@Override
		public void rollback(TransactionStatus status) {
			this.target.rollback(status);
		}

	}

	/** A post-processor that needs the transaction manager. */
	@Configuration(proxyBeanMethods = false)
	static class EarlyManager {

		@Bean
		static DataSourceTransactionManager transactionManager(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

		@Bean
		static Early early(PlatformTransactionManager manager) {
			return new Early();
		}

	}

	/** Comes before those that look at transaction managers. */
	static class Early implements BeanPostProcessor, PriorityOrdered {

		@Override
		public int getOrder() {
			return HIGHEST_PRECEDENCE;
		}

	}

	/** Instead of the one that there is by itself. */
	@Configuration(proxyBeanMethods = false)
	static class SeveralFences {

		@Bean
		CommitFence one(JdbcLeaseStore store) {
			return store.commitFence();
		}

		@Bean
		CommitFence another(JdbcLeaseStore store) {
			return store.commitFence();
		}

	}

	/** Data that is not where the locks are. */
	@Configuration(proxyBeanMethods = false)
	static class AnotherDatabase {

		@Bean
		DataSourceTransactionManager transactionManager(DataSource dataSource) {
			return new DataSourceTransactionManager(dataSource);
		}

		@Bean(defaultCandidate = false)
		DataSourceTransactionManager anotherTransactionManager() {
			return new DataSourceTransactionManager(new DriverManagerDataSource("jdbc:h2:mem:" + UUID.randomUUID()));
		}

	}

	/** Methods that run under a lock. */
	static class Service {

		@CrossProcessLocked(key = "key")
		public void locked(Runnable body) {
			body.run();
		}

		@CrossProcessLocked(key = "key", fencing = Fencing.REQUIRED)
		public void required(Runnable body) {
			body.run();
		}

	}

}
