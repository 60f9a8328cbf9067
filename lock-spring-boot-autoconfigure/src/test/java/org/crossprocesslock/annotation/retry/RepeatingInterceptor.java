package org.crossprocesslock.annotation.retry;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.ProxyMethodInvocation;

/** As that of spring-retry. */
public class RepeatingInterceptor implements MethodInterceptor {

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		while (true) {
			try {
				return ((ProxyMethodInvocation) invocation).invocableClone().proceed();
			}
			catch (IllegalStateException ex) {
				// is tried again
			}
		}
	}

}
