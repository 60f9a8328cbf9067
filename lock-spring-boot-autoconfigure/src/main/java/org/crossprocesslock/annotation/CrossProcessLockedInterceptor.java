package org.crossprocesslock.annotation;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.annotation.CallObserver.ObservedCall;
import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Runs a call under its lock.
 */
final class CrossProcessLockedInterceptor implements MethodInterceptor {

	private final LockedMethods methods;

	private final ThreadHolds holds;

	private final CallObserver observer;

	private final StageCalls stages;

	// loaded with the first, as Reactor may be absent
	private final Supplier<ReactiveCalls> subscriptions;

	CrossProcessLockedInterceptor(LockedMethods methods, ThreadHolds holds, CallObserver observer) {
		this.methods = methods;
		this.holds = holds;
		this.observer = observer;
		this.stages = new StageCalls(holds, observer);
		this.subscriptions = SingletonSupplier.of(() -> new ReactiveCalls(holds, observer));
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		LockedMethod method = this.methods.get(invocation);
		List<LockRequest> requests = method.requests(invocation);
		return switch (method.kind()) {
			case STAGE -> this.stages.call(invocation, method, requests);
			case REACTIVE -> this.subscriptions.get().call(invocation, method, requests);
			case FUTURE, UNDECLARED, ON_RETURN -> call(invocation, method, requests);
		};
	}

	private @Nullable Object call(MethodInvocation invocation, LockedMethod method, List<LockRequest> requests)
			throws Throwable {
		ObservedCall observed = this.observer.begin(requests.get(0));
		try {
			return call(invocation, method, requests, observed);
		}
		catch (Throwable ex) {
			observed.failed(ex);
			throw ex;
		}
		finally {
			observed.end();
		}
	}

	private @Nullable Object call(MethodInvocation invocation, LockedMethod method, List<LockRequest> requests,
			ObservedCall observed) throws Throwable {
		LockedCall entered;
		try {
			entered = this.holds.enter(requests, method);
		}
		catch (LockTimeoutException ex) {
			return busy(invocation, method, ex, observed);
		}
		try (LockedCall call = entered) {
			return proceed(invocation, method, call != null, observed);
		}
	}

	private static @Nullable Object busy(MethodInvocation invocation, LockedMethod method, LockTimeoutException reason,
			ObservedCall observed) throws Throwable {
		Fallback fallback = method.fallback();
		if (fallback == null) {
			throw reason;
		}
		observed.skipped();
		return fallback.call(invocation, reason);
	}

	private static @Nullable Object proceed(MethodInvocation invocation, LockedMethod method, boolean locked,
			ObservedCall observed) throws Throwable {
		if (!locked) {
			observed.skipped();
			Object skipped = method.skipped();
			return (method.kind() == CallKind.FUTURE) ? CompletableFuture.completedFuture(skipped) : skipped;
		}
		observed.acquired();
		Object answer = invocation.proceed();
		return (method.kind() == CallKind.ON_RETURN) ? answer : done(answer, method);
	}

	/** Does not go on while there is work that has not ended. */
	private static @Nullable Object done(@Nullable Object answer, LockedMethod method) {
		if (method.kind() == CallKind.FUTURE) {
			if (answer instanceof Future<?> work) {
				await(work);
			}
		}
		else if (CallKind.isUnderWay(answer)) {
			throw new IllegalStateException(ClassUtils.getQualifiedMethodName(method.method(), method.beanClass())
					+ " has returned " + ClassUtils.getDescriptiveType(answer) + ", whose work goes on without the "
					+ "lock; declare what it returns, so that the lock is held until that is done");
		}
		return answer;
	}

	/** Whatever interrupts, on a thread that has nothing else to do. */
	private static void await(Future<?> work) {
		boolean interrupted = false;
		while (true) {
			try {
				work.get();
				break;
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
			catch (ExecutionException | CancellationException ex) {
				// is told by the future
				break;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
	}

}
