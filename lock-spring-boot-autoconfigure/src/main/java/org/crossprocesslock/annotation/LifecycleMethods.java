package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.beans.factory.Aware;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.util.ClassUtils;

/**
 * The methods that the container calls on a bean itself and not on its proxy, so that
 * they would run without a lock: before its proxy is there, or when it is destroyed.
 */
final class LifecycleMethods {

	/** Names, since not all of them are always there. */
	private static final Set<String> INJECTING = Set.of("org.springframework.beans.factory.annotation.Autowired",
			"org.springframework.beans.factory.annotation.Value", "jakarta.inject.Inject",
			"jakarta.annotation.Resource");

	private static final Set<String> INFERRED_TO_DESTROY = Set.of("close", "shutdown");

	private LifecycleMethods() {
	}

	/**
	 * Tells what the container uses a method for.
	 * @return what it is, to follow "it is", or {@code null} if it is an ordinary method
	 */
	static @Nullable String roleOf(Method method, RootBeanDefinition definition, Class<?> beanClass) {
		MergedAnnotations annotations = MergedAnnotations.from(method);
		if (INJECTING.stream().anyMatch(annotations::isPresent)) {
			return "an injection method";
		}
		if (isOfAwareInterface(method, beanClass)) {
			return "a method of an Aware interface";
		}
		if (method.getParameterCount() > 0) {
			return isToldOfDestruction(method, definition, beanClass) ? "a destroy method" : null;
		}
		if (contains(initMethods(definition, beanClass), method)) {
			return "an init method";
		}
		// which the container calls through another method of the bean
		if (SmartLifecycle.class.isAssignableFrom(beanClass) && method.getName().equals("stop")) {
			return "the stop method of a SmartLifecycle";
		}
		return contains(destroyMethods(definition, beanClass), method) ? "a destroy method" : null;
	}

	private static boolean isOfAwareInterface(Method method, Class<?> beanClass) {
		return ClassUtils.getAllInterfacesForClassAsSet(beanClass)
			.stream()
			.filter(Aware.class::isAssignableFrom)
			.anyMatch((aware) -> ClassUtils.hasMethod(aware, method.getName(), method.getParameterTypes()));
	}

	// Spring qualifies the names of those that others cannot see
	private static boolean contains(Set<String> names, Method method) {
		return names.contains(method.getName()) || names.contains(ClassUtils.getQualifiedMethodName(method));
	}

	private static Set<String> initMethods(RootBeanDefinition definition, Class<?> beanClass) {
		Set<String> names = names(definition.getInitMethodNames());
		names.addAll(definition.getExternallyManagedInitMethods());
		if (InitializingBean.class.isAssignableFrom(beanClass)) {
			names.add("afterPropertiesSet");
		}
		return names;
	}

	private static Set<String> destroyMethods(RootBeanDefinition definition, Class<?> beanClass) {
		Set<String> names = names(definition.getDestroyMethodNames());
		names.addAll(definition.getExternallyManagedDestroyMethods());
		if (DisposableBean.class.isAssignableFrom(beanClass)) {
			names.add("destroy");
		}
		else if (names.remove(AbstractBeanDefinition.INFER_METHOD)) {
			names.addAll(INFERRED_TO_DESTROY);
		}
		else if (names.isEmpty() && AutoCloseable.class.isAssignableFrom(beanClass)) {
			names.add("close");
		}
		return names;
	}

	/** Spring passes {@code true} to one that is named and exists in no shorter form. */
	private static boolean isToldOfDestruction(Method method, RootBeanDefinition definition, Class<?> beanClass) {
		return Arrays.equals(method.getParameterTypes(), new Class<?>[] { boolean.class })
				&& contains(names(definition.getDestroyMethodNames()), method)
				&& method.equals(BeanUtils.findMethodWithMinimalParameters(beanClass, method.getName()));
	}

	private static Set<String> names(String @Nullable [] names) {
		return (names != null) ? new TreeSet<>(Set.of(names)) : new TreeSet<>();
	}

}
