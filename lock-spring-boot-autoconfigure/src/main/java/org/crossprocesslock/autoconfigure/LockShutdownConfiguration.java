package org.crossprocesslock.autoconfigure;

import java.util.concurrent.Executor;

import org.crossprocesslock.LockManager;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.util.ClassUtils;

/**
 * Has executors and schedulers destroyed before the locks are. They may be told to finish
 * their tasks first, and those tasks may need locks, although the executor itself does
 * not depend on them.
 */
@Configuration(proxyBeanMethods = false)
class LockShutdownConfiguration {

	/** Waits for its jobs as well. */
	private static final String QUARTZ = "org.springframework.scheduling.quartz.SchedulerFactoryBean";

	@Bean
	static SmartInitializingSingleton crossProcessLockShutdownOrder(ConfigurableListableBeanFactory beanFactory) {
		return () -> {
			for (String manager : beanFactory.getBeanNamesForType(LockManager.class, false, false)) {
				destroyBefore(manager, Executor.class, beanFactory);
				destroyBefore(manager, TaskScheduler.class, beanFactory);
				if (ClassUtils.isPresent(QUARTZ, beanFactory.getBeanClassLoader())) {
					destroyBefore(manager, ClassUtils.resolveClassName(QUARTZ, beanFactory.getBeanClassLoader()),
							beanFactory);
				}
				// has to be told of no guard that the manager gives up
				destroyBefore(manager, LockLostEvents.class, beanFactory);
			}
		};
	}

	private static void destroyBefore(String manager, Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		for (String name : beanFactory.getBeanNamesForType(type, false, false)) {
			beanFactory.registerDependentBean(manager, BeanFactoryUtils.transformedBeanName(name));
		}
	}

}
