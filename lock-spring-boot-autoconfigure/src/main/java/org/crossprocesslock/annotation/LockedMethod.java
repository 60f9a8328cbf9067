package org.crossprocesslock.annotation;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

	/** What says that there is no result, where {@code null} does not. */
	static final Map<Class<?>, Object> EMPTY = Map.of(Optional.class, Optional.empty(), OptionalInt.class,
			OptionalInt.empty(), OptionalLong.class, OptionalLong.empty(), OptionalDouble.class,
			OptionalDouble.empty());

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

	private final String manager;

	private final @Nullable Fallback fallback;

	private final @Nullable List<LockRequest> fixedRequests;

	private final List<LockedMethod> further;

	/**
	 * Creates the method as one annotation says.
	 * @param holdAtLeast how long the key is kept from others at least
	 * @param manager the name of the bean that locks it, empty for the usual one
	 * @param fallback what to call instead when it is busy
	 * @param further what further annotations say, which differ in keys, modes and names
	 */
	LockedMethod(Method method, Class<?> beanClass, CallKind kind, KeyTemplate key, Duration waitTime,
			Duration holdAtLeast, CrossProcessLocked annotation, String name, String manager,
			@Nullable Fallback fallback, List<LockedMethod> further) {
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
		this.manager = manager;
		this.fallback = fallback;
		this.further = List.copyOf(further);
		this.fixedRequests = key.isFixed() ? evaluate(null, new Object[method.getParameterCount()]) : null;
	}

	/**
	 * The locks that a call needs.
	 * @return at least one, the same key perhaps several times
	 * @throws IllegalArgumentException if a key cannot be evaluated or is not allowed
	 */
	List<LockRequest> requests(MethodInvocation invocation) {
		List<LockRequest> own = ownRequests(invocation);
		if (this.further.isEmpty()) {
			return own;
		}
		List<LockRequest> all = new ArrayList<>(own);
		this.further.forEach((each) -> all.addAll(each.ownRequests(invocation)));
		return all;
	}

	private List<LockRequest> ownRequests(MethodInvocation invocation) {
		if (this.fixedRequests != null) {
			return this.fixedRequests;
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

	/** The name of the bean that locks it, empty for the usual one. */
	String manager() {
		return this.manager;
	}

	/** What to call instead of it when others hold its key. */
	@Nullable Fallback fallback() {
		return this.fallback;
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

	/** The static names of its locks. */
	Stream<String> names() {
		return all().map((each) -> each.name);
	}

	private Stream<LockedMethod> all() {
		return Stream.concat(Stream.of(this), this.further.stream());
	}

	Method method() {
		return this.method;
	}

	Class<?> beanClass() {
		return this.beanClass;
	}

	/** What is known of it, by each of its annotations. */
	Stream<LockedMethodDescription> describe() {
		return all().map(LockedMethod::describeOwn);
	}

	private LockedMethodDescription describeOwn() {
		String parameters = Arrays.stream(this.method.getParameterTypes())
			.map(Class::getSimpleName)
			.collect(Collectors.joining(", ", "(", ")"));
		Class<?> type = LockedMethodFactory.knownType(this.method, this.beanClass);
		return new LockedMethodDescription(ClassUtils.getQualifiedMethodName(this.method, type) + parameters,
				this.key.toString(), this.waitTime, this.holdAtLeast, this.onBusy, this.mode, this.fencing, this.onLost,
				this.name);
	}

	/** What a call answers that was skipped, or the future that it answers. */
	@Nullable Object skipped() {
		ResolvableType type = ResolvableType.forMethodReturnType(this.method, this.beanClass);
		Class<?> answer = ((this.kind == CallKind.STAGE || this.kind == CallKind.FUTURE) ? type.getGeneric() : type)
			.toClass();
		return EMPTY.get(answer);
	}

	private List<LockRequest> evaluate(@Nullable Object target, @Nullable Object[] args) {
		List<String> keys = this.key.evaluate(target, this.beanClass, args);
		return (keys.size() == 1) ? List.of(request(keys.get(0))) : keys.stream().map(this::request).toList();
	}

	private LockRequest request(String key) {
		return new LockRequest(key, this.mode, this.waitTime, this.name, this.holdAtLeast);
	}

}
