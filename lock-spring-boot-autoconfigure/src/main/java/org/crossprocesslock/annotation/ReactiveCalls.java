package org.crossprocesslock.annotation;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.LockOrder;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

import org.springframework.aop.ProxyMethodInvocation;
import org.springframework.aop.interceptor.ExposeInvocationInterceptor;
import org.springframework.core.KotlinDetector;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.util.ClassUtils;

/**
 * Calls of methods that answer a publisher, or are suspended, which Spring turns into
 * one: each subscription asks for the locks, runs the method under them and holds them
 * until it ends. Nothing is done before that.
 */
final class ReactiveCalls {

	private static final String FLOW = "kotlinx.coroutines.flow.Flow";

	private final ThreadHolds holds;

	private final CallObserver observer;

	ReactiveCalls(ThreadHolds holds, CallObserver observer) {
		this.holds = holds;
		this.observer = observer;
	}

	Object call(MethodInvocation invocation, LockedMethod method, List<LockRequest> requests) {
		List<LockRequest> each = LockOrder.of(requests);
		ReactiveAdapter adapter = adapter(method);
		Fallback fallback = method.fallback();
		Supplier<Publisher<Object>> work = () -> publisher(() -> run(invocation), method, adapter);
		Function<LockTimeoutException, Publisher<Object>> instead = (fallback != null)
				? (busy) -> publisher(() -> fallback.call(invocation, busy), method, adapter) : null;
		Publisher<Object> locked = adapter.isMultiValue()
				? Flux.deferContextual((context) -> begin(method, each, context).many(() -> Flux.from(work.get()),
						(instead != null) ? instead.andThen(Flux::from) : null))
				: Mono.deferContextual((context) -> begin(method, each, context).one(() -> Mono.from(work.get()),
						(instead != null) ? instead.andThen(Mono::from) : null));
		return adapter.fromPublisher(locked);
	}

	private ReactiveCall begin(LockedMethod method, List<LockRequest> requests, ContextView context) {
		return new ReactiveCall(this.holds, this.observer, method, requests, context);
	}

	private static ReactiveAdapter adapter(LockedMethod method) {
		Class<?> type = KotlinDetector.isSuspendingFunction(method.method()) ? ofSuspended(method)
				: CallKind.returnType(method.method(), method.beanClass());
		return Objects.requireNonNull(ReactiveAdapterRegistry.getSharedInstance().getAdapter(type), type::getName);
	}

	// as Spring's own advice does it
	private static Class<?> ofSuspended(LockedMethod method) {
		return CallKind.suspendedType(method.method()).getName().equals(FLOW) ? Flux.class : Mono.class;
	}

	private static @Nullable Object run(MethodInvocation invocation) throws Throwable {
		// an invocation runs once, subscriptions are many; advice of aspects looks for it
		// on the thread
		MethodInvocation once = (invocation instanceof ProxyMethodInvocation proxied) ? proxied.invocableClone()
				: invocation;
		return ExposeInvocationInterceptor.INSTANCE.invoke(once);
	}

	private static Publisher<Object> publisher(Answer call, LockedMethod method, ReactiveAdapter adapter) {
		try {
			Object answer = call.get();
			if (answer == null) {
				throw new IllegalStateException(ClassUtils.getQualifiedMethodName(method.method(), method.beanClass())
						+ " has returned null instead of a " + adapter.getReactiveType().getSimpleName());
			}
			return adapter.toPublisher(answer);
		}
		catch (Throwable ex) {
			return Mono.error(ex);
		}
	}

	/** What is called. */
	private interface Answer {

		@Nullable Object get() throws Throwable;

	}

}
