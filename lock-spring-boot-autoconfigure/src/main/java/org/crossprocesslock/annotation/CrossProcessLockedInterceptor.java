package org.crossprocesslock.annotation;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.annotation.CallObserver.ObservedCall;
import org.jspecify.annotations.Nullable;

/**
 * Runs a call under its lock.
 */
final class CrossProcessLockedInterceptor implements MethodInterceptor {

	private final LockedMethods methods;

	private final ThreadHolds holds;

	private final CallObserver observer;

	CrossProcessLockedInterceptor(LockedMethods methods, ThreadHolds holds, CallObserver observer) {
		this.methods = methods;
		this.holds = holds;
		this.observer = observer;
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		LockedMethod method = this.methods.get(invocation);
		LockRequest request = method.request(invocation);
		ObservedCall observed = this.observer.begin(request);
		try {
			return call(invocation, method, request, observed);
		}
		catch (Throwable ex) {
			observed.failed(ex);
			throw ex;
		}
		finally {
			observed.end();
		}
	}

	private @Nullable Object call(MethodInvocation invocation, LockedMethod method, LockRequest request,
			ObservedCall observed) throws Throwable {
		try (LockedCall call = this.holds.enter(request, method)) {
			if (call == null) {
				observed.skipped();
				return method.skipped();
			}
			observed.acquired();
			return invocation.proceed();
		}
	}

}
