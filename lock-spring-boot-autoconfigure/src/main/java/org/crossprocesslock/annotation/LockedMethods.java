package org.crossprocesslock.annotation;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.autoconfigure.LockNames;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.SpringProxy;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.BridgeMethodResolver;
import org.springframework.core.DecoratingProxy;
import org.springframework.core.MethodClassKey;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.annotation.RepeatableContainers;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The locked methods of every bean class, each looked at once, all methods of a class
 * together so that none of its mistakes waits for a call.
 */
final class LockedMethods implements LockNames {

	/** Not those of the bean. */
	private static final Set<Class<?>> OF_EVERY_PROXY = Set.of(SpringProxy.class, Advised.class, DecoratingProxy.class);

	/**
	 * Most beans of a context are from there, where nobody knows of locks. Not all of
	 * {@code org.springframework}, which has samples too.
	 */
	private static final List<String> OF_SPRING = List.of("org.springframework.aop.", "org.springframework.beans.",
			"org.springframework.boot.", "org.springframework.cache.", "org.springframework.context.",
			"org.springframework.core.", "org.springframework.dao.", "org.springframework.format.",
			"org.springframework.http.", "org.springframework.jdbc.", "org.springframework.orm.",
			"org.springframework.scheduling.", "org.springframework.transaction.", "org.springframework.validation.",
			"org.springframework.web.");

	private final Map<Class<?>, Map<Method, LockedMethod>> byClass = new ConcurrentHashMap<>();

	private final Map<Class<?>, Set<Method>> byProxyClass = new ConcurrentHashMap<>();

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

	/** The methods that the interfaces of a JDK proxy want to be locked. */
	Set<Method> ofProxy(Class<?> proxyClass) {
		// each bean of a prototype is looked at
		return this.byProxyClass.computeIfAbsent(proxyClass, (same) -> Set.copyOf(annotated(same).keySet()));
	}

	/** Whether only what is said of interfaces without it could be about a method. */
	static boolean isOfOtherInterfaces(Method method, Class<?> proxyClass) {
		return nearest(method).isEmpty() && Stream.of(proxyClass.getInterfaces())
			.filter(method.getDeclaringClass()::isAssignableFrom)
			.allMatch((each) -> nearest(each).isEmpty());
	}

	/**
	 * The classes that may have locked methods of a bean: that of its target and that of
	 * its innermost proxy, whose interfaces may have some of which the target knows
	 * nothing, as those of repositories do.
	 */
	static Set<Class<?>> classesOf(Object bean) {
		Class<?> target = AopProxyUtils.ultimateTargetClass(bean);
		Class<?> innermost = null;
		for (Object each = bean; each != null; each = AopProxyUtils.getSingletonTarget(each)) {
			innermost = Proxy.isProxyClass(each.getClass()) ? each.getClass() : innermost;
		}
		Set<Class<?>> classes = new LinkedHashSet<>();
		classes.add(ClassUtils.getUserClass(target));
		if (innermost != null) {
			classes.add(innermost);
		}
		return classes;
	}

	/**
	 * Whether the locks around one class, maybe that of a proxy, are also around a method
	 * of another, which may have it without implementing an interface.
	 */
	boolean isLocked(Method method, Class<?> beanClass, Class<?> locked) {
		return find(method, locked) != null || of(locked).keySet()
			.stream()
			.map((each) -> ClassUtils.getMostSpecificMethod(each, beanClass))
			.anyMatch((each) -> BridgeMethodResolver.findBridgedMethod(each).equals(method));
	}

	boolean isEmpty() {
		return all().isEmpty();
	}

	/** Those that are known by now. */
	List<LockedMethod> all() {
		List<LockedMethod> all = new ArrayList<>();
		for (Map<Method, LockedMethod> methods : this.byClass.values()) {
			all.addAll(methods.values());
		}
		return all;
	}

	@Override
	public Collection<String> lockNames() {
		return all().stream().flatMap(LockedMethod::names).distinct().toList();
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
		for (Map.Entry<Method, List<CrossProcessLocked>> each : annotated(beanClass).entrySet()) {
			methods.put(each.getKey(), this.factory.create(each.getKey(), beanClass, each.getValue()));
		}
		return Map.copyOf(methods);
	}

	/** The methods of a class that are to be locked, with what is said about each. */
	static Map<Method, List<CrossProcessLocked>> annotated(Class<?> beanClass) {
		if (!mayMention(beanClass)) {
			return Map.of();
		}
		Map<Method, List<CrossProcessLocked>> methods = new LinkedHashMap<>();
		List<CrossProcessLocked> ofClass = nearest(beanClass);
		Map<Method, List<CrossProcessLocked>> ofInterfaces = ofInterfaces(beanClass);
		for (Method method : methods(beanClass)) {
			List<CrossProcessLocked> annotations = annotations(method, ofInterfaces.getOrDefault(method, ofClass));
			if (!annotations.isEmpty() && method.equals(specific(method, beanClass))) {
				methods.put(method, annotations);
			}
		}
		return methods;
	}

	/**
	 * Whether anything in the hierarchy has an annotation that could be or have ours: to
	 * search each method of each bean for it would be a good part of a start.
	 */
	private static boolean mayMention(@Nullable Class<?> type) {
		if (type == null || isOfSpring(type) || !AnnotationUtils.isCandidateClass(type, CrossProcessLocked.class)) {
			return false;
		}
		if (mayMention((AnnotatedElement) type)) {
			return true;
		}
		for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
			if (mayMention(method)) {
				return true;
			}
		}
		for (Class<?> each : type.getInterfaces()) {
			if (mayMention(each)) {
				return true;
			}
		}
		return mayMention(type.getSuperclass());
	}

	private static boolean isOfSpring(Class<?> type) {
		for (String part : OF_SPRING) {
			if (type.getName().startsWith(part)) {
				return true;
			}
		}
		return false;
	}

	private static boolean mayMention(AnnotatedElement element) {
		try {
			for (Annotation annotation : element.getDeclaredAnnotations()) {
				if (isOrHasOurs(annotation.annotationType())) {
					return true;
				}
			}
			return false;
		}
		catch (RuntimeException | LinkageError ex) {
			// the search knows what to do with annotations that cannot be read
			return true;
		}
	}

	private static boolean isOrHasOurs(Class<? extends Annotation> annotation) {
		Method value = ReflectionUtils.findMethod(annotation, "value");
		return annotation == CrossProcessLocked.class
				// a container of several
				|| (value != null && value.getReturnType().isArray()
						&& value.getReturnType().getComponentType().isAnnotation())
				|| MergedAnnotations.from(annotation, SearchStrategy.DIRECT, RepeatableContainers.standardRepeatables())
					.isPresent(CrossProcessLocked.class);
	}

	// the methods of a JDK proxy are final and have no parameter names
	private static List<Method> methods(Class<?> beanClass) {
		Class<?>[] sources = Proxy.isProxyClass(beanClass) ? beanClass.getInterfaces() : new Class<?>[] { beanClass };
		List<Method> methods = new ArrayList<>();
		for (Class<?> source : sources) {
			if (!OF_EVERY_PROXY.contains(source)) {
				methods.addAll(List.of(ReflectionUtils.getAllDeclaredMethods(source)));
			}
		}
		return methods;
	}

	private static Method specific(Method method, Class<?> beanClass) {
		if (!Proxy.isProxyClass(beanClass)) {
			return AopUtils.getMostSpecificMethod(method, beanClass);
		}
		Method specific = method;
		for (Class<?> type : beanClass.getInterfaces()) {
			if (specific.getDeclaringClass().isAssignableFrom(type)) {
				specific = specificOfInterface(specific, type);
			}
		}
		return specific;
	}

	// Kotlin makes no bridges, without which Spring does not find it
	private static Method specificOfInterface(Method method, Class<?> type) {
		Method specific = AopUtils.getMostSpecificMethod(method, type);
		Class<?>[] parameters = new Class<?>[specific.getParameterCount()];
		Arrays.setAll(parameters, (index) -> ResolvableType.forMethodParameter(specific, index, type).toClass());
		Method found = ClassUtils.getMethodIfAvailable(type, specific.getName(), parameters);
		return (found != null) ? found : specific;
	}

	/** What a method of a class implements or overrides, and itself. */
	static Stream<Method> declarations(Method method, Class<?> beanClass) {
		return Stream
			.concat(Stream.of(ReflectionUtils.getAllDeclaredMethods(beanClass)),
					ClassUtils.getAllInterfacesForClassAsSet(beanClass)
						.stream()
						.flatMap((type) -> Stream.of(ReflectionUtils.getDeclaredMethods(type))))
			.filter((each) -> each.getName().equals(method.getName()) && specific(each, beanClass).equals(method));
	}

	/**
	 * What interfaces of a class say about the methods that implement theirs, also those
	 * that it inherits from a class which knows nothing of the interfaces.
	 */
	private static Map<Method, List<CrossProcessLocked>> ofInterfaces(Class<?> beanClass) {
		Map<Method, List<CrossProcessLocked>> implementations = new HashMap<>();
		for (Class<?> type : ClassUtils.getAllInterfacesForClassAsSet(beanClass)) {
			for (Method method : ReflectionUtils.getDeclaredMethods(type)) {
				List<CrossProcessLocked> annotations = nearest(method);
				if (!annotations.isEmpty()) {
					implementations.putIfAbsent(specific(method, beanClass), annotations);
				}
			}
		}
		return implementations;
	}

	private static List<CrossProcessLocked> annotations(Method method, List<CrossProcessLocked> ofClass) {
		if (method.isSynthetic() || ReflectionUtils.isObjectMethod(method)) {
			return List.of();
		}
		List<CrossProcessLocked> own = nearest(method);
		int modifiers = method.getModifiers();
		return (!own.isEmpty() || !Modifier.isPublic(modifiers) || Modifier.isStatic(modifiers)) ? own : ofClass;
	}

	/**
	 * Those of the element itself, or of the nearest one that it overrides or implements.
	 */
	private static List<CrossProcessLocked> nearest(AnnotatedElement element) {
		List<MergedAnnotation<CrossProcessLocked>> all = MergedAnnotations
			.from(element, SearchStrategy.TYPE_HIERARCHY, RepeatableContainers.standardRepeatables())
			.stream(CrossProcessLocked.class)
			.toList();
		List<CrossProcessLocked> nearest = new ArrayList<>();
		for (MergedAnnotation<CrossProcessLocked> each : all) {
			if (each.getAggregateIndex() == all.get(0).getAggregateIndex()) {
				nearest.add(each.synthesize());
			}
		}
		return nearest;
	}

}
