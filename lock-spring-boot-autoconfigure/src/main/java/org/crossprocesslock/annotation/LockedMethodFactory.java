package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.config.AopConfigUtils;
import org.springframework.aop.framework.ProxyConfig;
import org.springframework.aop.framework.autoproxy.AutoProxyUtils;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.format.datetime.standard.DurationFormatterUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * Turns annotations into {@link LockedMethod locked methods} and refuses those that
 * cannot work.
 */
final class LockedMethodFactory {

	private static final String CORRECT_IT = "Correct the annotation";

	/** What each of several annotations of a method may say for itself. */
	private static final List<String> OF_ONE_KEY = List.of("key", "mode", "name");

	private final ConfigurableListableBeanFactory beanFactory;

	private final Supplier<Duration> defaultWaitTime;

	LockedMethodFactory(ConfigurableListableBeanFactory beanFactory, Supplier<Duration> defaultWaitTime) {
		this.beanFactory = beanFactory;
		this.defaultWaitTime = defaultWaitTime;
	}

	/**
	 * Resolves all that does not depend on a call.
	 * @param annotations at least one
	 * @throws LockedMethodException if the method cannot run under a lock
	 */
	LockedMethod create(Method method, Class<?> beanClass, List<CrossProcessLocked> annotations) {
		CrossProcessLocked first = annotations.get(0);
		List<LockedMethod> further = new ArrayList<>();
		for (CrossProcessLocked other : annotations.subList(1, annotations.size())) {
			checkAgreement(method, beanClass, first, other);
			if (!other.holdAtLeast().isEmpty()) {
				throw new LockedMethodException(method, beanClass,
						"one of several keys cannot be held at least for a time, as it would be kept even if another one "
								+ "is busy and nothing is done",
						"Hold one key that stands for all");
			}
			further.add(create(method, beanClass, other, List.of()));
		}
		return create(method, beanClass, first, further);
	}

	private LockedMethod create(Method method, Class<?> beanClass, CrossProcessLocked annotation,
			List<LockedMethod> further) {
		String manager = manager(method, beanClass, annotation);
		checkInterceptable(method, beanClass);
		if (annotation.onBusy() == OnBusy.SKIP && method.getReturnType().isPrimitive()
				&& method.getReturnType() != void.class) {
			throw new LockedMethodException(method, beanClass,
					"onBusy=SKIP has no value to return for the primitive type " + method.getReturnType(),
					"Use onBusy=FAIL, or return an object, an Optional or nothing");
		}
		CallKind kind = kind(method, beanClass, annotation);
		try {
			KeyTemplate key = KeyTemplate.parse(resolve(annotation.key()), method,
					new BeanFactoryResolver(this.beanFactory));
			return new LockedMethod(method, beanClass, kind, key, waitTime(annotation), holdAtLeast(annotation),
					annotation, name(annotation, method, beanClass), manager, fallback(annotation, method, beanClass),
					further);
		}
		catch (IllegalArgumentException ex) {
			throw new LockedMethodException(method, beanClass, String.valueOf(ex.getMessage()), CORRECT_IT, ex);
		}
	}

	private static void checkAgreement(Method method, Class<?> beanClass, CrossProcessLocked one,
			CrossProcessLocked other) {
		for (Method attribute : CrossProcessLocked.class.getDeclaredMethods()) {
			if (!OF_ONE_KEY.contains(attribute.getName()) && !Objects
				.equals(ReflectionUtils.invokeMethod(attribute, one), ReflectionUtils.invokeMethod(attribute, other))) {
				throw new LockedMethodException(method, beanClass,
						"its annotations differ in " + attribute.getName()
								+ ", while all of their keys are taken together",
						"Let them differ in " + String.join(", ", OF_ONE_KEY) + " only");
			}
		}
	}

	private @Nullable Fallback fallback(CrossProcessLocked annotation, Method method, Class<?> beanClass) {
		if (annotation.fallback().isEmpty()) {
			return null;
		}
		if (annotation.onBusy() != OnBusy.FAIL) {
			throw new IllegalArgumentException(
					"it has both onBusy=" + annotation.onBusy() + " and a fallback for when the key is busy");
		}
		return Fallback.find(annotation.fallback(), method, beanClass);
	}

	/** The name of a bean, empty for the usual one. */
	private String manager(Method method, Class<?> beanClass, CrossProcessLocked annotation) {
		List<String> present = List
			.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, LockManager.class, true, false));
		if (present.isEmpty()) {
			throw new LockedMethodException(method, beanClass,
					"there is no LockManager bean, so that it would run without a lock",
					"Remove cross-process-lock.enabled=false, or what excludes LockAutoConfiguration, or define a LockManager "
							+ "bean, or remove the annotation");
		}
		String chosen = resolve(annotation.manager());
		if (chosen.isEmpty()) {
			return "";
		}
		return present.stream()
			.filter((each) -> each.equals(chosen) || List.of(this.beanFactory.getAliases(each)).contains(chosen))
			.findFirst()
			.orElseThrow(() -> new LockedMethodException(method, beanClass,
					"there is no LockManager bean '" + chosen + "'", "Name one of " + present));
	}

	private void checkInterceptable(Method method, Class<?> beanClass) {
		int modifiers = method.getModifiers();
		if (Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers) || Modifier.isFinal(modifiers)) {
			throw new LockedMethodException(method, beanClass,
					"a " + Modifier.toString(modifiers & (Modifier.PRIVATE | Modifier.STATIC | Modifier.FINAL))
							+ " method cannot be intercepted, so that it would run without a lock",
					"Make it a plain method that other beans call");
		}
		if (isHiddenFromProxy(method, beanClass)) {
			throw new LockedMethodException(method, beanClass,
					"it is visible in its package only, which is not that of the bean's class, so that the bean's proxy "
							+ "cannot intercept it and it would run without a lock",
					"Make it public or protected");
		}
		if (Modifier.isFinal(beanClass.getModifiers()) && isProxiedByClass(beanClass)) {
			throw new LockedMethodException(method, beanClass,
					"its class is final and cannot be proxied, so that it would run without a lock",
					"Remove final from the class, or let it implement an interface and set "
							+ "spring.aop.proxy-target-class=false");
		}
	}

	/** A proxy is in the package of the class of the bean. */
	private static boolean isHiddenFromProxy(Method method, Class<?> beanClass) {
		Class<?> owner = method.getDeclaringClass();
		return !Modifier.isPublic(method.getModifiers()) && !Modifier.isProtected(method.getModifiers())
				&& (!owner.getPackageName().equals(beanClass.getPackageName())
						|| owner.getClassLoader() != beanClass.getClassLoader());
	}

	private boolean isProxiedByClass(Class<?> beanClass) {
		if (Proxy.isProxyClass(beanClass) || ClassUtils.isLambdaClass(beanClass)) {
			return false;
		}
		return ClassUtils.getAllInterfacesForClass(beanClass).length == 0 || (!wantsInterfaces(beanClass)
				&& this.beanFactory.containsBean(AopConfigUtils.AUTO_PROXY_CREATOR_BEAN_NAME)
				&& this.beanFactory.getBean(AopConfigUtils.AUTO_PROXY_CREATOR_BEAN_NAME, ProxyConfig.class)
					.isProxyTargetClass());
	}

	/** Whether a bean of the class says so, with {@code @Proxyable}. */
	private boolean wantsInterfaces(Class<?> beanClass) {
		return Arrays.stream(this.beanFactory.getBeanNamesForType(beanClass, true, false))
			.filter(this.beanFactory::containsBeanDefinition)
			.anyMatch((name) -> this.beanFactory.getMergedBeanDefinition(name)
				.hasAttribute(AutoProxyUtils.EXPOSED_INTERFACES_ATTRIBUTE));
	}

	private CallKind kind(Method method, Class<?> beanClass, CrossProcessLocked annotation) {
		CallKind kind;
		try {
			kind = CallKind.of(method, beanClass, this.beanFactory.getBeanClassLoader());
		}
		catch (IllegalArgumentException ex) {
			throw new LockedMethodException(method, beanClass, String.valueOf(ex.getMessage()),
					"Or move the work that needs the lock into a method that returns when it is done", ex);
		}
		if (kind.isAsynchronous() && annotation.onLost() == OnLost.INTERRUPT) {
			throw new LockedMethodException(method, beanClass,
					"onLost=INTERRUPT has no thread to interrupt, as its work goes on after it has returned",
					"Use onLost=FAIL");
		}
		if (annotation.onBusy() == OnBusy.SKIP && !kind.canBeEmpty(method, beanClass)) {
			throw new LockedMethodException(method, beanClass,
					"onBusy=SKIP has no value to return, as the result is never empty",
					"Use onBusy=FAIL, or return a type that can be empty");
		}
		return kind;
	}

	private Duration waitTime(CrossProcessLocked annotation) {
		String text = resolve(annotation.waitTime());
		if (!StringUtils.hasText(text)) {
			return this.defaultWaitTime.get();
		}
		Duration waitTime = parse("wait time", text);
		if (waitTime.isNegative()) {
			throw new IllegalArgumentException(
					"the wait time '" + text + "' is negative; zero is for a single attempt");
		}
		return waitTime;
	}

	private Duration holdAtLeast(CrossProcessLocked annotation) {
		String text = resolve(annotation.holdAtLeast());
		if (!StringUtils.hasText(text)) {
			return Duration.ZERO;
		}
		Duration time = parse("time to hold the key at least", text);
		if (time.isNegative() || time.compareTo(LockRequest.LONGEST_HOLD_AT_LEAST) > 0) {
			throw new IllegalArgumentException("the time to hold the key at least, '" + text
					+ "', is not between zero and " + LockRequest.LONGEST_HOLD_AT_LEAST);
		}
		if (!time.isZero() && annotation.mode() != LockMode.EXCLUSIVE) {
			throw new IllegalArgumentException("holdAtLeast='" + text + "' needs mode=EXCLUSIVE: those who share a "
					+ "key do not keep each other out");
		}
		return time;
	}

	private static Duration parse(String what, String text) {
		try {
			return DurationFormatterUtils.detectAndParse(text.trim());
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"the " + what + " '" + text + "' is no duration such as 10s, 500ms or PT1M", ex);
		}
	}

	private String name(CrossProcessLocked annotation, Method method, Class<?> beanClass) {
		String name = resolve(annotation.name());
		if (name.contains("#{")) {
			throw new IllegalArgumentException(
					"the name '" + name + "' is an expression; a name for metrics must be one of a small fixed set");
		}
		return StringUtils.hasText(name) ? name
				: ClassUtils.getShortName(knownType(method, beanClass)) + "." + method.getName();
	}

	/** The class of a proxy or a lambda has another name with each start. */
	static Class<?> knownType(Method method, Class<?> beanClass) {
		if (!Proxy.isProxyClass(beanClass) && !ClassUtils.isLambdaClass(beanClass)) {
			return beanClass;
		}
		return Arrays.stream(beanClass.getInterfaces())
			.filter((type) -> ClassUtils.hasMethod(type, method.getName(), method.getParameterTypes()))
			.findFirst()
			.orElse(beanClass);
	}

	private String resolve(String text) {
		String resolved = this.beanFactory.resolveEmbeddedValue(text);
		if (resolved == null || resolved.contains("${")) {
			throw new IllegalArgumentException("a placeholder in '" + text + "' cannot be resolved");
		}
		return resolved;
	}

}
