package org.crossprocesslock.integration;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.BridgeCheck;
import org.crossprocesslock.autoconfigure.LockAutoConfiguration;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.integration.support.locks.LockRegistry;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of Spring Integration's
 * {@link LockRegistry}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = LockAutoConfiguration.class)
@ConditionalOnBean(LockManager.class)
public final class LockRegistryAutoConfiguration {

	static final String PROPERTY = "cross-process-lock.integration.enabled";

	@Bean
	@ConditionalOnBooleanProperty(name = PROPERTY)
	@ConditionalOnMissingBean(LockRegistry.class)
	CrossProcessLockRegistry crossProcessLockRegistry(LockManager locks) {
		return new CrossProcessLockRegistry(locks);
	}

	@Bean
	static BridgeCheck crossProcessLockRegistryIsUsed(ListableBeanFactory beanFactory, Environment environment) {
		return new BridgeCheck(PROPERTY, LockRegistry.class, CrossProcessLockRegistry.class, beanFactory, environment);
	}

}
