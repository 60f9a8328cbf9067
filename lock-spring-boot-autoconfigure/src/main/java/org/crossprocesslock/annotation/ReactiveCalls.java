package org.crossprocesslock.annotation;

import java.util.Objects;

import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.LockRequest;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.interceptor.ExposeInvocationInterceptor;
import org.springframework.core.KotlinDetector;
import org.springframework.core.MethodParameter;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.util.ClassUtils;

/**
 * Calls of methods that answer a publisher, or are suspended, which Spring turns into
 * one: each subscription asks for the lock, runs the method under it and holds it until
 * it ends. Nothing is done before that.
 */
final class ReactiveCalls {

	private static final String FLOW = "kotlinx.coroutines.flow.Flow";

	private final ThreadHolds holds;

	private final CallObserver observer;

	ReactiveCalls(ThreadHolds holds, CallObserver observer) {
		this.holds = holds;
		this.observer = observer;
	}

	Object call(MethodInvocation invocation, LockedMethod method, LockRequest request) {
		ReactiveAdapter adapter = adapter(method);
		Publisher<Object> locked = adapter.isMultiValue() ? Flux.deferContextual(
				(context) -> begin(method, request, context).many(() -> Flux.from(run(invocation, method, adapter))))
				: Mono.deferContextual((context) -> begin(method, request, context)
					.one(() -> Mono.from(run(invocation, method, adapter))));
		return adapter.fromPublisher(locked);
	}

	private ReactiveCall begin(LockedMethod method, LockRequest request, ContextView context) {
		return new ReactiveCall(this.holds, this.observer, request, method.onBusy(), context);
	}

	private static ReactiveAdapter adapter(LockedMethod method) {
		Class<?> type = KotlinDetector.isSuspendingFunction(method.method()) ? ofSuspended(method)
				: CallKind.returnType(method.method(), method.beanClass());
		return Objects.requireNonNull(ReactiveAdapterRegistry.getSharedInstance().getAdapter(type), type::getName);
	}

	// as Spring's own advice does it
	private static Class<?> ofSuspended(LockedMethod method) {
		Class<?> declared = new MethodParameter(method.method(), -1).getParameterType();
		return declared.getName().equals(FLOW) ? Flux.class : Mono.class;
	}

	private static Publisher<Object> run(MethodInvocation invocation, LockedMethod method, ReactiveAdapter adapter) {
		// an invocation runs once, subscriptions are many; advice of aspects looks for it
		// on the thread
		MethodInvocation once = (invocation instanceof ProxyMethodInvocation proxied) ? proxied.invocableClone()
				: invocation;
		try {
			Object answer = ExposeInvocationInterceptor.INSTANCE.invoke(once);
			if (answer == null) {
				throw new IllegalStateException(ClassUtils.getQualifiedMethodName(method.method(), method.beanClass())
						+ " has answered null " + "instead of a " + adapter.getReactiveType().getSimpleName());
			}
			return adapter.toPublisher(answer);
		}
		catch (Throwable ex) {
			return Mono.error(ex);
		}
	}

}
