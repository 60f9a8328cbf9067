package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.crossprocesslock.LockManager;

import org.springframework.aop.framework.Advised;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.SmartInstantiationAwareBeanPostProcessor;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.MergedAnnotations;

/**
 * Looks at every bean with locked methods when it is made: refuses it if one of them
 * would run without its lock or could not be called under it, and has it destroyed before
 * the locks are, so that it can use them until its end.
 */
final class LockedBeanPostProcessor
		implements SmartInstantiationAwareBeanPostProcessor, MergedBeanDefinitionPostProcessor, Ordered {

	/** The latter is on those of Kafka, JMS, AMQP and others. */
	private static final List<String> CALLED_WITHOUT_PROXY = List.of(
			"org.springframework.scheduling.annotation.Scheduled",
			"org.springframework.messaging.handler.annotation.MessageMapping");

	private final ConfigurableListableBeanFactory beanFactory;

	private final LockedMethods methods;

	private final LockedBeans beans;

	private final ObjectProvider<CrossProcessLockedAdvisor> advisor;

	// of beans that refer to each other in a circle: what comes later is not the proxy
	private final Set<String> lookedAtEarly = ConcurrentHashMap.newKeySet();

	LockedBeanPostProcessor(ConfigurableListableBeanFactory beanFactory, LockedMethods methods,
			ObjectProvider<CrossProcessLockedAdvisor> advisor) {
		this.beanFactory = beanFactory;
		this.methods = methods;
		this.beans = new LockedBeans(methods);
		this.advisor = advisor;
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void postProcessMergedBeanDefinition(RootBeanDefinition definition, Class<?> beanType, String beanName) {
		for (Method method : this.methods.of(beanType).keySet()) {
			String role = LifecycleMethods.roleOf(method, definition, beanType);
			if (role != null) {
				throw new LockedMethodException(method, beanType,
						"it is " + role + " of bean '" + beanName
								+ "', which the container calls without the proxy, so that it would run without a lock",
						"Move the work that needs the lock into a method of another bean and call that, or use the "
								+ "LockManager in it");
			}
		}
	}

	@Override
	public boolean postProcessAfterInstantiation(Object bean, String beanName) {
		this.lookedAtEarly.remove(beanName);
		return true;
	}

	@Override
	public Object getEarlyBeanReference(Object bean, String beanName) {
		look(bean, beanName);
		refuseScheduled(bean, beanName);
		this.lookedAtEarly.add(beanName);
		return bean;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!this.lookedAtEarly.remove(beanName)) {
			look(bean, beanName);
		}
		return bean;
	}

	// who registers it is later given the bean itself instead of its proxy
	private void refuseScheduled(Object bean, String beanName) {
		for (Class<?> beanClass : BeanAdvice.lockedClasses(bean)) {
			for (Method method : this.methods.of(beanClass).keySet()) {
				if (CALLED_WITHOUT_PROXY.stream().anyMatch(MergedAnnotations.from(method)::isPresent)) {
					throw new LockedMethodException(method, beanClass,
							"it is scheduled or listens to messages, and bean '" + beanName
									+ "' is part of a circle of beans that refer to each other, where those who call "
									+ "it have the bean without its proxy, so that it would run without a lock",
							"Break the circle, or move the method to a bean of its own");
				}
			}
		}
	}

	private void look(Object bean, String beanName) {
		if (this.beans.check(bean, beanName, this.beanFactory)) {
			destroyBeforeLocks(beanName);
			if (bean instanceof Advised proxy) {
				checkReachable(bean, proxy);
				this.advisor.getObject().checkIfReady(proxy);
			}
		}
	}

	private void checkReachable(Object bean, Advised advised) {
		Class<?> target = advised.getTargetClass();
		if (target == null || !Proxy.isProxyClass(bean.getClass())) {
			return;
		}
		Set<Method> locked = this.methods.of(target).keySet();
		for (Method method : locked) {
			if (Arrays.stream(advised.getProxiedInterfaces()).noneMatch((type) -> declares(type, method))) {
				throw new LockedMethodException(method, target,
						"the bean is proxied by its interfaces and none of them has the method, so that no caller "
								+ "could reach it through the lock",
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
