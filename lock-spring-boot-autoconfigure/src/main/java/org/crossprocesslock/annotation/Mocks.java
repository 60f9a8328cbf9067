package org.crossprocesslock.annotation;

import java.lang.reflect.Method;

import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Recognises what a test puts in the place of a bean. It runs none of the methods of its
 * class, so that there is nothing to lock. Asked only about what would be refused.
 */
final class Mocks {

	private static final String MOCKITO = "org.mockito.Mockito";

	private Mocks() {
	}

	static boolean isMock(Object bean) {
		ClassLoader classLoader = bean.getClass().getClassLoader();
		if (!ClassUtils.isPresent(MOCKITO, classLoader)) {
			return false;
		}
		Class<?> mockito = ClassUtils.resolveClassName(MOCKITO, classLoader);
		Method mockingDetails = ClassUtils.getMethod(mockito, "mockingDetails", Object.class);
		Object details = ReflectionUtils.invokeMethod(mockingDetails, null, bean);
		Class<?> type = mockingDetails.getReturnType();
		// a spy does run them
		return Boolean.TRUE.equals(ReflectionUtils.invokeMethod(ClassUtils.getMethod(type, "isMock"), details))
				&& Boolean.FALSE.equals(ReflectionUtils.invokeMethod(ClassUtils.getMethod(type, "isSpy"), details));
	}

}
