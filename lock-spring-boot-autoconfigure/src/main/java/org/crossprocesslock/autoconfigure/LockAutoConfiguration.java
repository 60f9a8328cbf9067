package org.crossprocesslock.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.LockManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the {@link LockManager}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
		"org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration",
		"org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
		"org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration" })
@ConditionalOnLocksEnabled(true)
@EnableConfigurationProperties(LockProperties.class)
@Import({ JdbcLockConfiguration.class, MemoryLockConfiguration.class, FileLockConfiguration.class,
		UndecidedLockConfiguration.class, LockShutdownConfiguration.class })
public final class LockAutoConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	@Bean
	@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
	static LockListeners crossProcessLockListeners(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<LockLostEvents> events) {
		return new LockListeners(beanFactory, events);
	}

	@Bean
	LockLostEvents crossProcessLockLostEvents(ApplicationContext context) {
		return new LockLostEvents(context);
	}

	@Bean
	static SmartInitializingSingleton crossProcessLocksStayEnabled(Environment environment) {
		return () -> {
			if (AotDetector.useGeneratedArtifacts()) {
				// there are no conditions any more that would do it
				PassedOverProperties.refuse(environment);
			}
			if (!OnLocksEnabled.isEnabled(environment)) {
				logger.warn("{}=false has no effect: this application was processed ahead of time (AOT) with locks, "
						+ "and has them. Process it again with that property", OnLocksEnabled.PROPERTY);
			}
		};
	}

	/**
	 * Whom a manager excludes that the application has made is for it to know. Nobody
	 * asks in a test.
	 */
	@Bean
	static SmartInitializingSingleton crossProcessLockReachIsKnown(LockProperties properties,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<TestSlice> slice) {
		return () -> {
			if (properties.getRequiredReach() == null || slice.getIfAvailable() != null) {
				return;
			}
			List<String> managers = new ArrayList<>(
					List.of(beanFactory.getBeanNamesForType(LockManager.class, true, false)));
			managers.remove("crossProcessLockManager");
			if (!managers.isEmpty() && beanFactory.getBeanNamesForType(LockBackend.class, true, false).length == 0) {
				throw new RefusedStartException(
						LockBackend.REQUIRED + " is set, but the LockManager " + managers
								+ " is the application's own, so it is not known what its locks exclude.",
						"Remove " + LockBackend.REQUIRED + ", or remove that bean.", null);
			}
		};
	}

}
