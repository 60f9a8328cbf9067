package org.crossprocesslock.autoconfigure;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.Map;
import java.util.regex.Pattern;

import org.crossprocesslock.Internal;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * The text of a value that a key is made of, where each process writes the same.
 *
 * @since 0.1.0
 */
@Internal
public final class KeyText {

	private static final Pattern OF_OBJECT = Pattern.compile("[\\w.$]+@[0-9a-f]{1,8}");

	private KeyText() {
	}

	/**
	 * Writes a value.
	 * @param value the value
	 * @param which what it is called in a message
	 * @return its text, of an enum constant its name
	 * @throws IllegalArgumentException if it is not there, is several, or would be
	 * written differently in each process
	 */
	public static String of(@Nullable Object value, String which) {
		if (value == null) {
			throw new IllegalArgumentException(which + " is null");
		}
		if (value instanceof Enum<?> constant) {
			return constant.name();
		}
		Class<?> type = value.getClass();
		if (value instanceof Collection || value instanceof Map || type.isArray()) {
			throw new IllegalArgumentException(
					which + " is a collection, map or array; give it single values, such as ids");
		}
		String text = value.toString();
		if (isOfObject(type, text)) {
			throw new IllegalArgumentException(which + " is a " + ClassUtils.getUserClass(type).getSimpleName()
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

}
