package org.crossprocesslock.annotation;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;

import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.LockTimeoutException;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.KotlinDetector;
import org.springframework.core.MethodParameter;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.core.annotation.RepeatableContainers;
import org.springframework.util.ObjectUtils;
import org.springframework.util.ReflectionUtils;

/**
 * What a call runs instead of its method when others hold the key.
 */
final class Fallback {

	private final Method method;

	private final boolean takesReason;

	private Fallback(Method method, boolean takesReason) {
		this.method = method;
		this.takesReason = takesReason;
	}

	/**
	 * Finds the fallback of a locked method: that which takes the reason, if there are
	 * two.
	 * @throws IllegalArgumentException if there is none that fits
	 */
	static Fallback find(String name, Method locked, Class<?> beanClass) {
		Class<?>[] parameters = locked.getParameterTypes();
		Class<?>[] withReason = with(LockTimeoutException.class, parameters, locked);
		Method found = ReflectionUtils.findMethod(beanClass, name, withReason);
		boolean takesReason = found != null;
		if (found == null) {
			found = ReflectionUtils.findMethod(beanClass, name, parameters);
		}
		if (found == null || found.equals(locked)) {
			throw new IllegalArgumentException("there is no fallback method '" + name + "' with the same parameters "
					+ Arrays.toString(parameters) + ", or with a LockTimeoutException behind them");
		}
		ResolvableType answer = answer(locked, beanClass);
		ResolvableType instead = answer(found, beanClass);
		if (!answer.isAssignableFrom(instead)) {
			throw new IllegalArgumentException(
					"the fallback method '" + name + "' returns " + instead + ", which is no " + answer);
		}
		if (isLocked(found) || (isLocked(beanClass) && Modifier.isPublic(found.getModifiers()))) {
			throw new IllegalArgumentException(
					"the fallback method '" + name + "' is a locked method itself, and would be run without its lock");
		}
		ReflectionUtils.makeAccessible(found);
		return new Fallback(found, takesReason);
	}

	/** Behind the parameters; the last one of a suspend function is Kotlin's. */
	private static <T> T[] with(T reason, T[] parameters, Method locked) {
		int position = parameters.length - (KotlinDetector.isSuspendingFunction(locked) ? 1 : 0);
		return ObjectUtils.addObjectToArray(parameters, reason, position);
	}

	private static ResolvableType answer(Method method, Class<?> beanClass) {
		return ResolvableType.forMethodParameter(new MethodParameter(method, -1).withContainingClass(beanClass));
	}

	private static boolean isLocked(AnnotatedElement element) {
		return MergedAnnotations
			.from(element, SearchStrategy.TYPE_HIERARCHY, RepeatableContainers.standardRepeatables())
			.isPresent(CrossProcessLocked.class);
	}

	/** Runs it on the bean itself. */
	@Nullable Object call(MethodInvocation invocation, LockTimeoutException reason) throws Throwable {
		Object[] arguments = invocation.getArguments();
		return AopUtils.invokeJoinpointUsingReflection(invocation.getThis(), this.method,
				this.takesReason ? with(reason, arguments, this.method) : arguments);
	}

	/** What is called, for hints. */
	Method method() {
		return this.method;
	}

}
