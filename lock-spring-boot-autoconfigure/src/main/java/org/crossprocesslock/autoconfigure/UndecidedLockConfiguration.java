package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.LockManager;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * No locks: what was configured can mean more than one thing. A bean that cannot be made
 * refuses the start, and can still be replaced by one that can, in a test for example.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(LockManager.class)
@ConditionalOnLockBackend(BackendChoice.Kind.UNDECIDED)
class UndecidedLockConfiguration {

	@Bean
	@Lazy(false)
	LockManager crossProcessLockManager(Environment environment, ConfigurableListableBeanFactory beanFactory) {
		throw BackendChoice.of(environment, beanFactory).refusal();
	}

}
