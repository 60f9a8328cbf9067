package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Set;

import org.crossprocesslock.LockManager;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.Ordered;

/**
 * Looks at every bean that has been given locked methods: refuses it if its proxy cannot
 * be called on one of them, and has it destroyed before the locks are, so that it can use
 * them until its end.
 */
final class LockedBeanPostProcessor implements BeanPostProcessor, Ordered {

	private final ConfigurableListableBeanFactory beanFactory;

	LockedBeanPostProcessor(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof Advised advised) {
			for (Advisor advisor : advised.getAdvisors()) {
				if (advisor instanceof CrossProcessLockedAdvisor locked) {
					checkReachable(bean, advised, locked.methods());
					destroyBeforeLocks(beanName);
				}
			}
		}
		return bean;
	}

	private void checkReachable(Object bean, Advised advised, LockedMethods methods) {
		Class<?> target = advised.getTargetClass();
		if (target == null || !Proxy.isProxyClass(bean.getClass())) {
			return;
		}
		Set<Method> locked = methods.of(target).keySet();
		for (Method method : locked) {
			if (Arrays.stream(advised.getProxiedInterfaces()).noneMatch((type) -> declares(type, method))) {
				throw new LockedMethodException(method, target,
						"the bean is proxied by its interfaces and none of them has the method, so that nobody could "
								+ "call it under the lock",
						"Declare the method in an interface, or remove spring.aop.proxy-target-class=false");
			}
		}
	}

	private static boolean declares(Class<?> type, Method method) {
		return Arrays.stream(type.getMethods())
			.anyMatch((candidate) -> candidate.getName().equals(method.getName())
					&& candidate.getParameterCount() == method.getParameterCount());
	}

	private void destroyBeforeLocks(String beanName) {
		for (String manager : this.beanFactory.getBeanNamesForType(LockManager.class, true, false)) {
			this.beanFactory.registerDependentBean(manager, beanName);
		}
	}

}
