package org.crossprocesslock.autoconfigure;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

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
			for (String events : beanFactory.getBeanNamesForType(LockLostEvents.class, false, false)) {
				destroyWorkBefore(events, beanFactory);
				// has to be told of no guard that a manager gives up
				for (String manager : beanFactory.getBeanNamesForType(LockManager.class, false, false)) {
					beanFactory.registerDependentBean(manager, events);
				}
			}
		};
	}

	/** Has whatever may need locks to the end destroyed before a bean of this context. */
	static void destroyWorkBefore(String name, ConfigurableListableBeanFactory beanFactory) {
		Set<String> work = new LinkedHashSet<>();
		work.addAll(names(Executor.class, beanFactory));
		work.addAll(names(TaskScheduler.class, beanFactory));
		if (ClassUtils.isPresent(QUARTZ, beanFactory.getBeanClassLoader())) {
			work.addAll(names(ClassUtils.resolveClassName(QUARTZ, beanFactory.getBeanClassLoader()), beanFactory));
		}
		List<String> managers = names(LockManager.class, beanFactory);
		managers.forEach((manager) -> work.addAll(List.of(beanFactory.getDependentBeans(manager))));
		work.removeAll(managers);
		work.remove(name);
		work.forEach((each) -> beanFactory.registerDependentBean(name, each));
	}

	// the managers may be of a context above
	private static List<String> names(Class<?> type, ConfigurableListableBeanFactory beanFactory) {
		return Stream.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, type, false, false))
			.map(BeanFactoryUtils::transformedBeanName)
			.toList();
	}

}
