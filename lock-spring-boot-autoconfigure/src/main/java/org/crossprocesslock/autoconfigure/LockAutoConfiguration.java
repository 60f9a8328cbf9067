package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.LockManager;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the {@link LockManager}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(afterName = { "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration",
		"org.springframework.boot.r2dbc.autoconfigure.R2dbcAutoConfiguration",
		"org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration",
		"org.springframework.boot.liquibase.autoconfigure.LiquibaseAutoConfiguration" })
@ConditionalOnBooleanProperty(name = "cross-process-lock.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LockProperties.class)
@Import({ JdbcLockConfiguration.class, MemoryLockConfiguration.class, FileLockConfiguration.class,
		UndecidedLockConfiguration.class, LockShutdownConfiguration.class })
public final class LockAutoConfiguration {

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

}
