package org.crossprocesslock.annotation;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;

import org.crossprocesslock.LockKeys;
import org.crossprocesslock.autoconfigure.KeyText;
import org.jspecify.annotations.Nullable;

/**
 * The function that makes an allowed key of any values in a key expression.
 */
final class KeyFunction {

	/** What it is called in an expression. */
	static final String NAME = "lockKey";

	/** What an expression calls, as a handle: that tells what it has thrown. */
	static final MethodHandle HANDLE = handle();

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
			texts.add(KeyText.of(value, "value " + (texts.size() + 1) + " of #" + NAME + "()"));
		}
		if (texts.isEmpty()) {
			throw new IllegalArgumentException("#" + NAME + "() needs a value to make a key of");
		}
		return LockKeys.of(texts.get(0), texts.subList(1, texts.size()).toArray(String[]::new));
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
