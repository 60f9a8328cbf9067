package org.crossprocesslock.annotation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.crossprocesslock.LockKeys;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The function that makes an allowed key of any values in a key expression.
 */
final class KeyFunction {

	/** What it is called in an expression. */
	static final String NAME = "lockKey";

	/** What an expression calls, as a handle: that tells what it has thrown. */
	static final MethodHandle HANDLE = handle();

	private static final Pattern OF_OBJECT = Pattern.compile("[\\w.$]+@[0-9a-f]{1,8}");

	private KeyFunction() {
	}

	/**
	 * Makes a key, see {@link LockKeys#of}.
	 * @throws IllegalArgumentException if a value is not there, is several, or would be
	 * written differently in each process
	 */
	static String lockKey(@Nullable Object... values) {
		List<String> texts = new ArrayList<>();
		for (Object value : values) {
			texts.add(text(value, texts.size() + 1));
		}
		if (texts.isEmpty()) {
			throw new IllegalArgumentException("#" + NAME + "() needs a value to make a key of");
		}
		return LockKeys.of(texts.get(0), texts.subList(1, texts.size()).toArray(String[]::new));
	}

	private static String text(@Nullable Object value, int position) {
		String which = "value " + position + " of #" + NAME + "() ";
		if (value == null) {
			throw new IllegalArgumentException(which + "is null");
		}
		if (value instanceof Enum<?> constant) {
			return constant.name();
		}
		Class<?> type = value.getClass();
		if (value instanceof Collection || value instanceof Map || type.isArray()) {
			throw new IllegalArgumentException(
					which + "is a collection, map or array; give it single values, such as ids");
		}
		String text = value.toString();
		if (isOfObject(type, text)) {
			throw new IllegalArgumentException(which + "is a " + ClassUtils.getUserClass(type).getSimpleName()
					+ ", which has no toString() of its own, so that no two processes would make the same key of it");
		}
		return text;
	}

	/** Also behind a proxy, which has the method and passes the call on. */
	private static boolean isOfObject(Class<?> type, String text) {
		Class<?> owner = ownerOfToString(type);
		if (owner == Object.class) {
			return true;
		}
		return OF_OBJECT.matcher(text).matches()
				&& (Proxy.isProxyClass(owner) || (ownerOfToString(owner.getSuperclass()) == Object.class
						&& text.startsWith(owner.getSuperclass().getName() + "@")));
	}

	private static Class<?> ownerOfToString(Class<?> type) {
		Method written = ReflectionUtils.findMethod(type, "toString");
		return (written != null) ? written.getDeclaringClass() : Object.class;
	}

	private static MethodHandle handle() {
		try {
			return MethodHandles.lookup()
				.findStatic(KeyFunction.class, NAME, MethodType.methodType(String.class, Object[].class));
		}
		catch (ReflectiveOperationException ex) {
			throw new IllegalStateException("The method is above", ex);
		}
	}

}
