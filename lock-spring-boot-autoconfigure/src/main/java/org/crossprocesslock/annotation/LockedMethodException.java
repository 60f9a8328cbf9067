package org.crossprocesslock.annotation;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * A method cannot run under a lock as its annotation says.
 */
final class LockedMethodException extends IllegalStateException {

	private static final long serialVersionUID = 1L;

	private final String description;

	private final String action;

	LockedMethodException(Method method, Class<?> beanClass, String problem, String action) {
		this(method, beanClass, problem, action, null);
	}

	LockedMethodException(Method method, Class<?> beanClass, String problem, String action, @Nullable Throwable cause) {
		this("Method " + ClassUtils.getQualifiedMethodName(method, LockedMethodFactory.knownType(method, beanClass))
				+ " cannot run under a lock as its @CrossProcessLocked says: " + problem + ".", action, cause);
	}

	private LockedMethodException(String description, String action, @Nullable Throwable cause) {
		super(description + " " + action + ".", cause);
		this.description = description;
		this.action = action;
	}

	String getDescription() {
		return this.description;
	}

	String getAction() {
		return this.action;
	}

}
