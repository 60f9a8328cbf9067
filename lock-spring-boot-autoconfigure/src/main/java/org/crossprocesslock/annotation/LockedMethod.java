package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.Fencing;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.util.ClassUtils;

/**
 * All that is known before a call about a method that runs under a lock. Safe from any
 * thread.
 */
final class LockedMethod {

	private final Method method;

	private final Class<?> beanClass;

	private final KeyTemplate key;

	private final Duration waitTime;

	private final Duration holdAtLeast;

	private final OnBusy onBusy;

	private final Fencing fencing;

	private final OnLost onLost;

	private final LockMode mode;

	private final CallKind kind;

	private final String name;

	private final @Nullable LockRequest fixedRequest;

	LockedMethod(Method method, Class<?> beanClass, CallKind kind, KeyTemplate key, Duration waitTime,
			Duration holdAtLeast, CrossProcessLocked annotation, String name) {
		this.method = method;
		this.beanClass = beanClass;
		this.key = key;
		this.waitTime = waitTime;
		this.holdAtLeast = holdAtLeast;
		this.onBusy = annotation.onBusy();
		this.fencing = annotation.fencing();
		this.onLost = annotation.onLost();
		this.mode = annotation.mode();
		this.kind = kind;
		this.name = name;
		this.fixedRequest = key.isFixed() ? evaluate(null, new Object[0]) : null;
	}

	/**
	 * The lock that a call needs.
	 * @throws IllegalArgumentException if the key cannot be evaluated or is not allowed
	 */
	LockRequest request(MethodInvocation invocation) {
		if (this.fixedRequest != null) {
			return this.fixedRequest;
		}
		try {
			return evaluate(invocation.getThis(), invocation.getArguments());
		}
		catch (IllegalArgumentException ex) {
			throw new IllegalArgumentException(
					"No key for the lock of " + ClassUtils.getQualifiedMethodName(this.method, this.beanClass) + ", '"
							+ this.key + "': " + ex.getMessage(),
					ex);
		}
	}

	CallKind kind() {
		return this.kind;
	}

	/** Whether its key is to be held on when it has returned. */
	boolean holdsOn() {
		return !this.holdAtLeast.isZero();
	}

	OnBusy onBusy() {
		return this.onBusy;
	}

	Fencing fencing() {
		return this.fencing;
	}

	OnLost onLost() {
		return this.onLost;
	}

	/** The static name of its locks. */
	String name() {
		return this.name;
	}

	Method method() {
		return this.method;
	}

	Class<?> beanClass() {
		return this.beanClass;
	}

	LockedMethodDescription describe() {
		String parameters = Arrays.stream(this.method.getParameterTypes())
			.map(Class::getSimpleName)
			.collect(Collectors.joining(", ", "(", ")"));
		return new LockedMethodDescription(ClassUtils.getQualifiedMethodName(this.method, this.beanClass) + parameters,
				this.key.toString(), this.waitTime, this.holdAtLeast, this.onBusy, this.mode, this.fencing, this.onLost,
				this.name);
	}

	/** What a call answers that was skipped, or the stage that it answers. */
	@Nullable Object skipped() {
		ResolvableType type = ResolvableType.forMethodReturnType(this.method, this.beanClass);
		Class<?> answer = ((this.kind == CallKind.STAGE) ? type.getGeneric() : type).toClass();
		return (answer == Optional.class) ? Optional.empty() : null;
	}

	private LockRequest evaluate(@Nullable Object target, @Nullable Object[] args) {
		String key = this.key.evaluate(new KeyTemplate.Root(this.method, target, this.beanClass, Arrays.asList(args)));
		return new LockRequest(key, this.mode, this.waitTime, this.name, this.holdAtLeast);
	}

}
