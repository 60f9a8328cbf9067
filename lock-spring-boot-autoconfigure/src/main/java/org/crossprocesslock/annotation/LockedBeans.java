package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.SpringProxy;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopInfrastructureBean;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Makes sure that no bean with locked methods runs them without their locks, as one does
 * that is not proxied.
 */
final class LockedBeans {

	private final LockedMethods methods;

	LockedBeans(LockedMethods methods) {
		this.methods = methods;
	}

	/**
	 * Looks at all singletons that are there, and at whatever was made before beans could
	 * be proxied.
	 * @param locked what else to look at in those that have locked methods
	 * @throws LockedMethodException if one of them would run a method without its lock
	 */
	void checkAll(ConfigurableListableBeanFactory beanFactory, Consumer<Object> locked) {
		EarlyBeans.forEach(beanFactory, (bean, name) -> {
			if (check(bean, name, beanFactory)) {
				locked.accept(bean);
			}
		});
		Set<String> names = new LinkedHashSet<>(List.of(beanFactory.getBeanDefinitionNames()));
		names.addAll(List.of(beanFactory.getSingletonNames()));
		for (String name : names) {
			Object bean = beanFactory.getSingleton(name);
			if (bean != null && check(bean, name, beanFactory)) {
				locked.accept(bean);
			}
			if (bean instanceof FactoryBean<?> factory && factory.isSingleton() && hasLockedType(name, beanFactory)) {
				Object product = beanFactory.getBean(name);
				if (check(product, name, beanFactory)) {
					locked.accept(product);
				}
			}
		}
	}

	/**
	 * Looks at one bean in the form in which others get it.
	 * @return whether it has locked methods
	 * @throws LockedMethodException if it would run a method without its lock
	 */
	boolean check(Object bean, String name, ConfigurableListableBeanFactory beanFactory) {
		// that of a scope, which calls the bean behind it
		if (bean instanceof AopInfrastructureBean && bean instanceof SpringProxy) {
			return false;
		}
		// tells the class of what it makes, which is looked at itself
		if (bean instanceof FactoryBean<?> && bean instanceof Advised) {
			return false;
		}
		boolean hasLocked = false;
		for (Class<?> beanClass : LockedMethods.classesOf(bean)) {
			Set<Method> locked = locked(beanClass);
			if (!locked.isEmpty()) {
				hasLocked = true;
				requireLocks(locked, beanClass, bean, name, beanFactory);
			}
		}
		return hasLocked;
	}

	private void requireLocks(Set<Method> methods, Class<?> beanClass, Object bean, String name,
			ConfigurableListableBeanFactory beanFactory) {
		List<Class<?>> lockedClasses = BeanAdvice.lockedClasses(bean);
		List<Method> unlocked = methods.stream()
			.filter((method) -> lockedClasses.stream()
				.noneMatch((each) -> this.methods.isLocked(method, beanClass, each)))
			.filter((method) -> !isAdded(method, beanClass, lockedClasses))
			.toList();
		if (!unlocked.isEmpty() && !Mocks.isMock(bean)) {
			throw refusal(unlocked, beanClass, name, Reason.of(bean, name, beanFactory));
		}
	}

	// what is said in interfaces may not be what holds for the class behind a proxy
	private Set<Method> locked(Class<?> beanClass) {
		return Proxy.isProxyClass(beanClass) ? this.methods.ofProxy(beanClass) : this.methods.of(beanClass).keySet();
	}

	/**
	 * Whether advice has added a method to a locked class, with an interface of which
	 * nothing is said but what is said of all methods of another.
	 */
	private static boolean isAdded(Method method, Class<?> beanClass, List<Class<?>> lockedClasses) {
		return Proxy.isProxyClass(beanClass) && !lockedClasses.isEmpty()
				&& lockedClasses.stream().noneMatch(method.getDeclaringClass()::isAssignableFrom)
				&& LockedMethods.isOfOtherInterfaces(method, beanClass);
	}

	private boolean hasLockedType(String name, ConfigurableListableBeanFactory beanFactory) {
		Class<?> type = beanFactory.getType(name, false);
		return type != null && !this.methods.of(type).isEmpty();
	}

	private static LockedMethodException refusal(List<Method> methods, Class<?> beanClass, String name, Reason reason) {
		Method first = Collections.min(methods, Comparator.comparing(Method::getName));
		return new LockedMethodException(first, ClassUtils.getUserClass(beanClass),
				"bean '" + name + "' would run it without a lock: " + reason.problem(), reason.remedy());
	}

	/** Why a bean is not proxied, most likely. */
	private record Reason(String problem, String remedy) {

		static Reason of(Object bean, String name, ConfigurableListableBeanFactory beanFactory) {
			if (beanFactory.getBeanNamesForType(CrossProcessLockedAdvisor.class, true, false).length == 0) {
				return new Reason("its context has no auto-configuration of locks",
						"Import CrossProcessLockedAutoConfiguration there");
			}
			if (bean instanceof SpringProxy && !(bean instanceof Advised)) {
				return new Reason("its proxy is opaque, so that it cannot be checked for locks",
						"Do not set opaque=true");
			}
			if (!beanFactory.containsBeanDefinition(BeanFactoryUtils.transformedBeanName(name))) {
				return new Reason("it was registered as an instance, which is not proxied",
						"Register a bean definition instead");
			}
			Set<String> seen = new LinkedHashSet<>();
			List<String> found = new ArrayList<>(isPostProcessor(bean) ? List.of(name) : List.of());
			for (String dependent : beanFactory.getDependentBeans(name)) {
				found.addAll(postProcessors(dependent, beanFactory, seen));
			}
			return ofPostProcessors(name, found);
		}

		private static Reason ofPostProcessors(String name, List<String> found) {
			if (found.contains(name)) {
				return new Reason("it is a post-processor, which is not proxied", "Move the method to another bean");
			}
			if (found.isEmpty()) {
				return new Reason(
						"it is not proxied, as aspects and advisors are not, or something has asked for it before beans are "
								+ "proxied or has replaced its proxy, as @TestBean does",
						"Move the method to a bean of its own that nothing asks for so early. In a test use @MockitoBean or "
								+ "@MockitoSpyBean instead of @TestBean");
			}
			return new Reason(
					"it was made before beans are proxied, because "
							+ found.stream().map((each) -> "'" + each + "'").collect(Collectors.joining(", "))
							+ ((found.size() > 1) ? " need it" : " needs it"),
					"Let a post-processor get the bean when it uses it, with @Lazy or an ObjectProvider, and declare it "
							+ "in a static @Bean method");
		}

		private static boolean isPostProcessor(@Nullable Object bean) {
			return bean instanceof BeanFactoryPostProcessor || bean instanceof BeanPostProcessor;
		}

		/** The post-processors for whose sake a bean was made, itself included. */
		private static List<String> postProcessors(String name, ConfigurableListableBeanFactory beanFactory,
				Set<String> seen) {
			List<String> found = new ArrayList<>();
			if (seen.add(name)) {
				// asking for one in creation would make the container hand it out early
				if (!beanFactory.isCurrentlyInCreation(name) && isPostProcessor(beanFactory.getSingleton(name))) {
					found.add(name);
				}
				for (String dependent : beanFactory.getDependentBeans(name)) {
					found.addAll(postProcessors(dependent, beanFactory, seen));
				}
			}
			return found;
		}

	}

}
