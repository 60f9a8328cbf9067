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
		try (Hold hold = this.holds.enter(request, method.onBusy())) {
			return (hold != null) ? invocation.proceed() : method.skipped();
		}
	}

}
