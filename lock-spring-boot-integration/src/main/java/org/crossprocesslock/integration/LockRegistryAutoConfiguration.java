package org.crossprocesslock.integration;

import java.util.List;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.integration.support.locks.LockRegistry;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of Spring Integration's
 * {@link LockRegistry}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = LockAutoConfiguration.class)
@ConditionalOnBooleanProperty(name = LockRegistryAutoConfiguration.PROPERTY)
@ConditionalOnBean(LockManager.class)
public final class LockRegistryAutoConfiguration {

	static final String PROPERTY = "cross-process-lock.integration.enabled";

	private static final Logger logger = LoggerFactory.getLogger(LockRegistryAutoConfiguration.class);

	@Bean
	@ConditionalOnMissingBean(LockRegistry.class)
	CrossProcessLockRegistry crossProcessLockRegistry(LockManager locks) {
		return new CrossProcessLockRegistry(locks);
	}

	/**
	 * One that was left behind would go on with its own locks, beside instances that use
	 * these.
	 */
	@Bean
	static SmartInitializingSingleton crossProcessLockRegistryIsUsed(ListableBeanFactory beanFactory) {
		return () -> {
			if (names(CrossProcessLockRegistry.class, beanFactory).isEmpty()) {
				logger.warn("{}=true has no effect: the LockRegistry of the application is used, {}. Remove one or the "
						+ "other", PROPERTY, names(LockRegistry.class, beanFactory));
			}
		};
	}

	private static List<String> names(Class<?> type, ListableBeanFactory beanFactory) {
		return List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, type, true, false));
	}

}
