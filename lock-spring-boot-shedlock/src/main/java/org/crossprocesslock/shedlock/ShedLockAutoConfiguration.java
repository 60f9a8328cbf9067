package org.crossprocesslock.shedlock;

import net.javacrumbs.shedlock.core.LockProvider;
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

/**
 * {@link EnableAutoConfiguration Auto-configuration} of ShedLock's {@link LockProvider}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = LockAutoConfiguration.class)
@ConditionalOnBean(LockManager.class)
public final class ShedLockAutoConfiguration {

	static final String PROPERTY = "cross-process-lock.shedlock.enabled";

	@Bean
	@ConditionalOnBooleanProperty(name = PROPERTY)
	@ConditionalOnMissingBean(LockProvider.class)
	CrossProcessLockProvider crossProcessLockProvider(LockManager locks) {
		return new CrossProcessLockProvider(locks);
	}

	@Bean
	static BridgeCheck crossProcessLockProviderIsUsed(ListableBeanFactory beanFactory, Environment environment) {
		return new BridgeCheck(PROPERTY, LockProvider.class, CrossProcessLockProvider.class, beanFactory, environment);
	}

}
