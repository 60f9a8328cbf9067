package org.crossprocesslock.annotation;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Method;
import java.lang.reflect.TypeVariable;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;

import org.jspecify.annotations.Nullable;

import org.springframework.core.GenericTypeResolver;
import org.springframework.core.KotlinDetector;
import org.springframework.core.MethodParameter;
import org.springframework.core.Nullness;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.util.ClassUtils;

/**
 * When the work of a method is done, which is how long its lock is held.
 */
enum CallKind {

	/** When it returns. */
	ON_RETURN,

	/**
	 * When it returns, as far as its declaration tells: what comes back is looked at.
	 */
	UNDECLARED,

	/** When the future is done, for which the thread of {@code @Async} waits. */
	FUTURE,

	/** When the stage completes. */
	STAGE,

	/** When the subscription ends. */
	REACTIVE;

	private static final String REACTOR = "reactor.core.publisher.Flux";

	private static final String COROUTINES = "kotlinx.coroutines.reactor.MonoKt";

	private static final String REFLECTION = "kotlin.reflect.full.KCallables";

	private static final String JOB = "kotlinx.coroutines.Job";

	/**
	 * The kind of a method.
	 * @param classLoader where libraries are, or not
	 * @throws IllegalArgumentException if nobody can tell when its work is done
	 */
	static CallKind of(Method method, Class<?> beanClass, @Nullable ClassLoader classLoader) {
		if (KotlinDetector.isSuspendingFunction(method)) {
			if (!ClassUtils.isPresent(COROUTINES, classLoader) || !ClassUtils.isPresent(REFLECTION, classLoader)) {
				throw new IllegalArgumentException("it is a suspend function, and Spring needs the libraries "
						+ "kotlinx-coroutines-reactor and kotlin-reflect to run those");
			}
			Class<?> answer = suspendedType(method);
			if (isFuture(answer) || isJob(answer)) {
				throw new IllegalArgumentException("it is a suspend function that answers a " + answer.getSimpleName()
						+ ", whose work goes on after it; wait for that in the function");
			}
			return REACTIVE;
		}
		Class<?> type = returnType(method, beanClass);
		if (isFuture(type)) {
			return ofFuture(type);
		}
		if (isJob(type)) {
			throw new IllegalArgumentException("it returns a " + type.getSimpleName() + ", whose work has begun by "
					+ "then and goes on when it is cancelled; make it a suspend function");
		}
		ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(type);
		if (adapter == null) {
			return (type == Object.class) ? UNDECLARED : ON_RETURN;
		}
		if (!ClassUtils.isPresent(REACTOR, classLoader)) {
			throw new IllegalArgumentException("it returns a " + type.getSimpleName()
					+ ", and the library reactor-core is needed to hold a lock for those");
		}
		if (!type.isAssignableFrom(adapter.getReactiveType())) {
			throw new IllegalArgumentException("it returns a " + type.getSimpleName()
					+ ", which cannot be made to hold a lock; return a " + adapter.getReactiveType().getSimpleName());
		}
		return REACTIVE;
	}

	private static CallKind ofFuture(Class<?> type) {
		if (type == CompletionStage.class || type == CompletableFuture.class) {
			return STAGE;
		}
		if (type == Future.class) {
			return FUTURE;
		}
		throw new IllegalArgumentException("it returns a " + type.getSimpleName()
				+ ", which cannot be made to hold a lock; return a CompletableFuture");
	}

	private static boolean isFuture(Class<?> type) {
		return Future.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type);
	}

	private static boolean isJob(Class<?> type) {
		return type.getName().equals(JOB) || Arrays.stream(type.getInterfaces()).anyMatch(CallKind::isJob)
				|| (type.getSuperclass() != null && isJob(type.getSuperclass()));
	}

	// what Spring makes of a function without an answer is empty
	private static boolean isUnit(Method method) {
		Class<?> type = suspendedType(method);
		return type == void.class || type.getName().equals("kotlin.Unit");
	}

	/** What a suspend function says that it answers. */
	static Class<?> suspendedType(Method method) {
		return new MethodParameter(method, -1).getParameterType();
	}

	static Class<?> returnType(Method method, Class<?> beanClass) {
		return GenericTypeResolver.resolveReturnType(method, beanClass);
	}

	/** Whether what a method answers, at once or later, may be no value. */
	boolean canBeEmpty(Method method, Class<?> beanClass) {
		if (this == ON_RETURN || this == UNDECLARED) {
			Class<?> type = returnType(method, beanClass);
			return LockedMethod.EMPTY.containsKey(type) || type == void.class || type == Void.class
					|| type.getName().equals("kotlin.Unit") || mayBeNull(method, beanClass);
		}
		if (KotlinDetector.isSuspendingFunction(method)) {
			return mayBeNull(method, beanClass) || isUnit(method);
		}
		ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(returnType(method, beanClass));
		return adapter == null || adapter.supportsEmpty();
	}

	/**
	 * Whether callers have to expect null: also of a method that promises more than what
	 * it implements or overrides, and of one whose type others say and may let be null.
	 */
	private static boolean mayBeNull(Method method, Class<?> beanClass) {
		return Nullness.forMethodReturnType(method) != Nullness.NON_NULL || isOpen(method)
				|| LockedMethods.declarations(method, beanClass)
					.anyMatch((each) -> Nullness.forMethodReturnType(each) == Nullness.NULLABLE);
	}

	// those of Kotlin are nullable unless they say otherwise
	private static boolean isOpen(Method method) {
		return method.getGenericReturnType() instanceof TypeVariable
				&& (KotlinDetector.isKotlinType(method.getDeclaringClass())
						|| canBeNullable(method.getAnnotatedReturnType()));
	}

	/** By all of its bounds, of which one that is not written is not nullable. */
	private static boolean canBeNullable(AnnotatedType type) {
		return type.getType() instanceof TypeVariable<?> variable && Arrays.stream(variable.getAnnotatedBounds())
			.allMatch((bound) -> isNullable(bound) || canBeNullable(bound));
	}

	private static boolean isNullable(AnnotatedType type) {
		return Arrays.stream(type.getAnnotations())
			.anyMatch((each) -> each.annotationType().getSimpleName().equals("Nullable"));
	}

	/** Whether what a method has returned says that its work is not done. */
	static boolean isUnderWay(@Nullable Object result) {
		return result instanceof Future || result instanceof CompletionStage || (result != null
				&& ReactiveAdapterRegistry.getSharedInstance().getAdapter(result.getClass()) != null);
	}

	/** Whether the work goes on, on whatever threads, after the method has returned. */
	boolean isAsynchronous() {
		return this == STAGE || this == REACTIVE;
	}

}
