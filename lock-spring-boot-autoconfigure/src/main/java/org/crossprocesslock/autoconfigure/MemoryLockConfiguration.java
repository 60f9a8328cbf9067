package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockReach;
import org.crossprocesslock.memory.MemoryLockManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * Locks in memory: only where they are asked for, since they do less than the others.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnMissingBean(LockManager.class)
@ConditionalOnLockBackend(BackendChoice.Kind.MEMORY)
class MemoryLockConfiguration {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	@Bean
	LockBackend crossProcessLockBackend(LockProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory, ObjectProvider<TestSlice> slice) {
		return new LockBackend("memory",
				BackendChoice.confirming(BackendChoice.Kind.MEMORY, environment, beanFactory).reason(),
				LockReach.THREADS, "they are in its memory")
			.checked(properties.getRequiredReach(), slice, LockReach.THREADS,
					"Choose another backend with cross-process-lock.backend");
	}

	@Bean
	@Lazy(false)
	MemoryLockManager crossProcessLockManager(LockBackend backend, LockListeners listeners) {
		logger.info("Locks use the memory backend, which does NOT exclude other processes: {}", backend.reason());
		return new MemoryLockManager(listeners.all());
	}

}
