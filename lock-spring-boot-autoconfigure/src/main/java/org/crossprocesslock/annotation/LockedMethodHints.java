package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.util.ClassUtils;

/**
 * What a native image has to keep for locked methods: the methods themselves, what the
 * expressions of their keys read, and their fallbacks. Types that are first seen when an
 * expression is evaluated, such as those of a bean that it names, are the application's.
 */
final class LockedMethodHints implements RuntimeHintsRegistrar, BeanRegistrationAotProcessor {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		for (Class<?> type : List.of(CrossProcessLocked.class, CrossProcessLocked.List.class, KeyTemplate.Root.class,
				KeyFunction.class)) {
			hints.reflection()
				.registerType(type, MemberCategory.INVOKE_PUBLIC_METHODS, MemberCategory.INVOKE_DECLARED_METHODS);
		}
		hints.proxies().registerJdkProxy(CrossProcessLocked.class);
	}

	@Override
	public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
		Class<?> beanClass = ClassUtils.getUserClass(bean.getBeanClass());
		List<Method> locked = LockedMethods.annotated(beanClass).keySet().stream().toList();
		if (locked.isEmpty()) {
			return null;
		}
		Set<Class<?>> read = locked.stream()
			.flatMap((method) -> Stream.of(method.getParameterTypes()))
			.filter((type) -> !type.isPrimitive())
			.collect(Collectors.toSet());
		return (generation, code) -> {
			ReflectionHints reflection = generation.getRuntimeHints().reflection();
			locked.forEach((method) -> reflection.registerMethod(method, ExecutableMode.INVOKE));
			read.forEach((type) -> reflection.registerType(type, MemberCategory.INVOKE_PUBLIC_METHODS,
					MemberCategory.ACCESS_PUBLIC_FIELDS));
			LockedMethods.annotated(beanClass)
				.forEach((method, annotations) -> annotations.stream()
					.map(CrossProcessLocked::fallback)
					.filter((fallback) -> !fallback.isEmpty())
					.forEach((fallback) -> reflection
						.registerMethod(Fallback.find(fallback, method, beanClass).method(), ExecutableMode.INVOKE)));
		};
	}

}
