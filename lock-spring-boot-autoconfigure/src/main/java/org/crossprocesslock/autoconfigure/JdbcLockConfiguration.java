package org.crossprocesslock.autoconfigure;

import java.util.stream.Stream;

import javax.sql.DataSource;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockReach;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.jdbc.CommitFence;
import org.crossprocesslock.lease.jdbc.DatabaseReach;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.jdbc.EmbeddedDatabaseConnection;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Locks that hang on a lease in a database.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(LockManager.class)
@ConditionalOnLockBackend(BackendChoice.Kind.JDBC)
@Import(LockTablesAfterInitialization.class)
class JdbcLockConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	private static final String BOOT_JDBC = "org.springframework.boot.jdbc.DataSourceUnwrapper";

	/** A store is meant to be shared, or there would be no need for leases. */
	private static final DatabaseReach OWN_STORE = new DatabaseReach(LockReach.MACHINES,
			"that is what a LeaseStore of the application stands for");

	@Bean
	LockBackend crossProcessLockBackend(LeaseStore store, LockProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<TestSlice> slice) {
		DatabaseReach reach = (store instanceof JdbcLeaseStore jdbc) ? jdbc.reach() : OWN_STORE;
		return new LockBackend("jdbc",
				BackendChoice.confirming(BackendChoice.Kind.JDBC, environment, beanFactory).reason(), reach.reach(),
				reach.reason())
			.checked(properties.getRequiredReach(), slice, LockReach.MACHINES, "Use a database server, or change that");
	}

	/** Closed with the manager. */
	@Bean(name = BackendChoice.STORE, destroyMethod = "")
	@ConditionalOnMissingBean(LeaseStore.class)
	@DependsOnDatabaseInitialization
	JdbcLeaseStore crossProcessLockStore(LockProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<JdbcLeaseStoreBuilderCustomizer> customizers) {
		BackendChoice choice = BackendChoice.confirming(BackendChoice.Kind.JDBC, environment, beanFactory);
		LockDataSources chosen = choice.dataSource();
		if (chosen == null || chosen.name() == null) {
			throw choice.refusal();
		}
		DataSource dataSource = beanFactory.getBean(chosen.name(), DataSource.class);
		beanFactory.registerDependentBean(chosen.name(), BackendChoice.STORE);
		LockTablesAfterInitialization.runScripts(beanFactory);
		RoutingDataSources.refuseUnless(chosen.qualified(), chosen.name(), dataSource);
		try {
			return store(dataSource, LeaseOptionsFactory.create(properties.getJdbc()), properties.getJdbc(),
					beanFactory.getBeanClassLoader(), customizers.orderedStream());
		}
		catch (LockStoreException ex) {
			throw RoutingDataSources.isRouting(dataSource) ? RoutingDataSources.leadsNowhere(chosen.name(), ex)
					: UnreachableDatabase.explain(chosen.name(), dataSource, ex);
		}
	}

	@Bean
	@Lazy(false)
	LeaseLockManager crossProcessLockManager(LeaseStore store, LockBackend backend, LockProperties properties,
			Environment environment, LockListeners listeners) {
		logger.info("Locks use the jdbc backend: {}. {}", backend.reason(), backend.reachInWords());
		return new LeaseLockManager(store, LeaseOptionsFactory.create(properties.getJdbc()),
				ProcessLabel.of(environment), listeners.all());
	}

	/** Not there for a store of the application that is of another kind. */
	@Bean
	@ConditionalOnMissingBean
	@Nullable CommitFence crossProcessLockCommitFence(LeaseStore store) {
		return (store instanceof JdbcLeaseStore jdbc) ? jdbc.commitFence() : null;
	}

	private static JdbcLeaseStore store(DataSource dataSource, LeaseOptions options, LockJdbcProperties properties,
			@Nullable ClassLoader classLoader, Stream<JdbcLeaseStoreBuilderCustomizer> customizers) {
		boolean springJdbc = RoutingDataSources.SPRING_JDBC;
		DataSource borrowed = springJdbc ? UnpooledDataSource.withoutTransactions(dataSource) : dataSource;
		JdbcLeaseSchema schema = LeaseOptionsFactory.checked(
				() -> JdbcLeaseSchema.of(borrowed, properties.getTablePrefix(), properties.getPlatform()),
				"jdbc.table-prefix", "jdbc.platform");
		boolean bootJdbc = springJdbc && ClassUtils.isPresent(BOOT_JDBC, classLoader);
		JdbcLockTables.ensure(schema, properties.getInitializeSchema(),
				() -> bootJdbc && EmbeddedDatabaseConnection.isEmbedded(borrowed));
		JdbcLeaseStore.Builder builder = JdbcLeaseStore.builder(borrowed)
			.ownConnections(
					(bootJdbc && properties.isOwnConnections()) ? UnpooledDataSource.derivedFrom(borrowed) : null)
			.wakeUp(properties.getWakeUp())
			.schema(schema)
			.leaseDuration(options.leaseDuration());
		customizers.forEach((customizer) -> customizer.customize(builder));
		return builder.build();
	}

}
