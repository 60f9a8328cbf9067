package org.crossprocesslock.autoconfigure;

import javax.sql.DataSource;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.CommitFence;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Locks that hang on a lease in a database.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(LockManager.class)
@Conditional(OnJdbcBackend.class)
class JdbcLockConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	private static final String SPRING_JDBC = "org.springframework.jdbc.datasource.SimpleDriverDataSource";

	private static final String BOOT_JDBC = "org.springframework.boot.jdbc.DataSourceUnwrapper";

	@Bean
	LockBackend crossProcessLockBackend(ListableBeanFactory beanFactory) {
		return new LockBackend("jdbc", LockDataSources.whyChosen(beanFactory));
	}

	/** Closed with the manager. */
	@Bean(destroyMethod = "")
	@DependsOnDatabaseInitialization
	JdbcLeaseStore crossProcessLockStore(LockProperties properties, LockBackend backend,
			@LockDataSource ObjectProvider<DataSource> lockDataSource, ObjectProvider<DataSource> dataSources,
			ConfigurableListableBeanFactory beanFactory) {
		DataSource dataSource = lockDataSource.getIfAvailable(dataSources::getIfUnique);
		if (dataSource == null) {
			throw new NoLockDataSourceException(LockDataSources.whyNone(beanFactory));
		}
		logger.info("Locks use the jdbc backend: {}", backend.reason());
		return store(dataSource, LeaseOptionsFactory.create(properties), properties.getJdbc(),
				beanFactory.getBeanClassLoader());
	}

	@Bean
	LeaseLockManager crossProcessLockManager(JdbcLeaseStore store, LockProperties properties, Environment environment,
			LockListeners listeners) {
		return new LeaseLockManager(store, LeaseOptionsFactory.create(properties), ProcessLabel.of(environment),
				listeners.all());
	}

	@Bean
	CommitFence crossProcessLockCommitFence(JdbcLeaseStore store) {
		return store.commitFence();
	}

	private static JdbcLeaseStore store(DataSource dataSource, LeaseOptions options, LockProperties.Jdbc properties,
			@Nullable ClassLoader classLoader) {
		boolean springJdbc = ClassUtils.isPresent(SPRING_JDBC, classLoader);
		DataSource borrowed = springJdbc ? UnpooledDataSource.withoutTransactions(dataSource) : dataSource;
		return LeaseOptionsFactory.checked(() -> {
			JdbcLeaseSchema schema = JdbcLeaseSchema.of(borrowed, properties.getTablePrefix(), properties.getDialect());
			JdbcLockTables.ensure(schema, properties.getInitializeSchema());
			boolean derivable = springJdbc && ClassUtils.isPresent(BOOT_JDBC, classLoader);
			DataSource own = (derivable && properties.isOwnConnections()) ? UnpooledDataSource.derivedFrom(borrowed)
					: null;
			return JdbcLeaseStore.builder(borrowed)
				.ownConnections(own)
				.wakeUp(properties.getWakeup())
				.schema(schema)
				.leaseDuration(options.leaseDuration())
				.build();
		}, "jdbc.table-prefix", "jdbc.dialect");
	}

}
