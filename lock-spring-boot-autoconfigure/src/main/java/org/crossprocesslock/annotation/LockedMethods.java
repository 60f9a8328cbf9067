package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.autoconfigure.metrics.LockNames;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodClassKey;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The locked methods of every bean class, each looked at once, all methods of a class
 * together so that none of its mistakes waits for a call.
 */
final class LockedMethods implements LockNames {

	private final Map<Class<?>, Map<Method, LockedMethod>> byClass = new ConcurrentHashMap<>();

	private final Map<MethodClassKey, LockedMethod> byCall = new ConcurrentHashMap<>();

	private final LockedMethodFactory factory;

	LockedMethods(LockedMethodFactory factory) {
		this.factory = factory;
	}

	/**
	 * The locked methods of a class.
	 * @throws LockedMethodException if one of them cannot run under a lock
	 */
	Map<Method, LockedMethod> of(Class<?> beanClass) {
		Class<?> userClass = ClassUtils.getUserClass(beanClass);
		Map<Method, LockedMethod> known = this.byClass.get(userClass);
		if (known == null) {
			known = resolve(userClass);
			this.byClass.put(userClass, known);
		}
		return known;
	}

	boolean isEmpty() {
		return this.byClass.values().stream().allMatch(Map::isEmpty);
	}

	/** Those that are known by now. */
	List<LockedMethod> all() {
		return this.byClass.values().stream().flatMap((methods) -> methods.values().stream()).toList();
	}

	@Override
	public Collection<String> lockNames() {
		return all().stream().map(LockedMethod::name).distinct().toList();
	}

	@Nullable LockedMethod find(Method method, Class<?> beanClass) {
		return of(beanClass).get(specific(method, beanClass));
	}

	LockedMethod get(MethodInvocation invocation) {
		Object target = Objects.requireNonNull(invocation.getThis(), "A locked method needs a target");
		MethodClassKey call = new MethodClassKey(invocation.getMethod(), target.getClass());
		LockedMethod known = this.byCall.get(call);
		return (known != null) ? known
				: this.byCall.computeIfAbsent(call, (same) -> existing(invocation.getMethod(), target.getClass()));
	}

	private LockedMethod existing(Method method, Class<?> beanClass) {
		return Objects.requireNonNull(find(method, beanClass), () -> method + " is not locked");
	}

	private Map<Method, LockedMethod> resolve(Class<?> beanClass) {
		Map<Method, LockedMethod> methods = new LinkedHashMap<>();
		annotated(beanClass)
			.forEach((method, annotation) -> methods.put(method, this.factory.create(method, beanClass, annotation)));
		return Map.copyOf(methods);
	}

	/** The methods of a class that are to be locked, whether or not they can be. */
	static Map<Method, CrossProcessLocked> annotated(Class<?> beanClass) {
		// most beans of a context are Spring Boot's, which knows nothing of locks
		if (beanClass.getName().startsWith("org.springframework.boot.")
				|| !AnnotationUtils.isCandidateClass(beanClass, CrossProcessLocked.class)) {
			return Map.of();
		}
		Map<Method, CrossProcessLocked> methods = new LinkedHashMap<>();
		CrossProcessLocked ofClass = AnnotatedElementUtils.findMergedAnnotation(beanClass, CrossProcessLocked.class);
		for (Method method : methods(beanClass)) {
			CrossProcessLocked annotation = annotation(method, ofClass);
			if (annotation != null && method.equals(specific(method, beanClass))) {
				methods.put(method, annotation);
			}
		}
		return methods;
	}

	// the methods of a JDK proxy are final and have no parameter names
	private static List<Method> methods(Class<?> beanClass) {
		Class<?>[] sources = Proxy.isProxyClass(beanClass) ? beanClass.getInterfaces() : new Class<?>[] { beanClass };
		return Arrays.stream(sources).map(ReflectionUtils::getAllDeclaredMethods).flatMap(Arrays::stream).toList();
	}

	private static Method specific(Method method, Class<?> beanClass) {
		return Proxy.isProxyClass(beanClass) ? method : AopUtils.getMostSpecificMethod(method, beanClass);
	}

	private static @Nullable CrossProcessLocked annotation(Method method, @Nullable CrossProcessLocked ofClass) {
		if (method.isSynthetic() || ReflectionUtils.isObjectMethod(method)) {
			return null;
		}
		CrossProcessLocked own = AnnotatedElementUtils.findMergedAnnotation(method, CrossProcessLocked.class);
		int modifiers = method.getModifiers();
		return (own != null || !Modifier.isPublic(modifiers) || Modifier.isStatic(modifiers)) ? own : ofClass;
	}

}
