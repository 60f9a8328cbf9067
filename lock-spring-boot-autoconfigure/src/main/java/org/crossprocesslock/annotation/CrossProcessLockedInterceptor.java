package org.crossprocesslock.annotation;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.LockRequest;
import org.jspecify.annotations.Nullable;

/**
 * Runs a call under its lock.
 */
final class CrossProcessLockedInterceptor implements MethodInterceptor {

	private final LockedMethods methods;

	private final ThreadHolds holds;

	CrossProcessLockedInterceptor(LockedMethods methods, ThreadHolds holds) {
		this.methods = methods;
		this.holds = holds;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		LockedMethod method = this.methods.get(invocation);
		LockRequest request = method.request(invocation);
		try (LockedCall call = this.holds.enter(request, method)) {
			return (call != null) ? invocation.proceed() : method.skipped();
		}
	}

}
