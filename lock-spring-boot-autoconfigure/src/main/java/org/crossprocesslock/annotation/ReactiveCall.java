package org.crossprocesslock.annotation;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockGuards;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockMode;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.annotation.CallObserver.ObservedCall;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;
import reactor.util.context.ContextView;

/**
 * One subscription that runs under its locks. Whatever ends it, on whatever thread, meets
 * the grant of the locks in {@link #state}, so that they are released once and never
 * kept.
 */
final class ReactiveCall {

	/** Stands for a call that does not get its locks. */
	private static final Object REFUSED = new Object();

	/** Stands for a call that has ended. */
	private static final Object ENDED = new Object();

	private final ThreadHolds holds;

	private final LockedMethod method;

	private final List<LockRequest> requests;

	private final ContextView context;

	private final ObservedCall observed;

	private final Sinks.Empty<Void> lost = Sinks.empty();

	private final Loss loss = new Loss(new WeakReference<>(this));

	// null while it waits, then its holds or REFUSED, then ENDED
	private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

	private volatile @Nullable CompletableFuture<?> waiting;

	/**
	 * Creates a call that has not asked for anything.
	 * @param requests in their order, each key once
	 */
	ReactiveCall(ThreadHolds holds, CallObserver observer, LockedMethod method, List<LockRequest> requests,
			ContextView context) {
		this.holds = holds;
		this.method = method;
		this.requests = requests;
		this.context = context;
		this.observed = observer.beginElsewhere(requests.get(0), context.getOrDefault(CallObserver.CONTEXT_KEY, null));
	}

	/**
	 * What is subscribed to where a method answers any number of values.
	 * @param method what to run under the locks
	 * @param instead what to run when others hold a key, {@code null} if nothing
	 */
	<T> Flux<T> many(Supplier<Flux<T>> method, @Nullable Function<LockTimeoutException, Flux<T>> instead) {
		Flux<T> work = work((held) -> method.get().takeUntilOther(this.lost.asMono()).contextWrite(inside(held)),
				instead)
			.flatMapMany(Function.identity());
		return Flux.usingWhen(Mono.just(this), (call) -> work.concatWith(Mono.defer(this::completed)),
				(call) -> Mono.empty(), ReactiveCall::failed, ReactiveCall::cancelled);
	}

	/** What is subscribed to where a method answers one value or none, as above. */
	<T> Mono<T> one(Supplier<Mono<T>> method, @Nullable Function<LockTimeoutException, Mono<T>> instead) {
		Mono<T> work = work((held) -> method.get().takeUntilOther(this.lost.asMono()).contextWrite(inside(held)),
				instead)
			.flatMap(Function.identity());
		return Mono.usingWhen(Mono.just(this),
				(call) -> work.singleOptional()
					.flatMap((value) -> this.<T>completed().switchIfEmpty(Mono.justOrEmpty(value))),
				(call) -> Mono.empty(), ReactiveCall::failed, ReactiveCall::cancelled);
	}

	/** Emits what is to be subscribed to, nothing if the call is skipped. */
	private <P> Mono<P> work(Function<Map<String, SharedHold>, P> method,
			@Nullable Function<LockTimeoutException, P> instead) {
		Mono<P> locked = Mono.<Map<String, SharedHold>>create(this::ask)
			.doOnNext((held) -> this.observed.acquired())
			.map(method);
		return (instead == null) ? locked : locked.onErrorResume(LockTimeoutException.class, (busy) -> {
			this.observed.skipped();
			return Mono.just(instead.apply(busy));
		});
	}

	private void ask(MonoSink<Map<String, SharedHold>> sink) {
		Map<String, SharedHold> held = new HashMap<>();
		List<LockRequest> missing;
		CompletableFuture<?> asked;
		try {
			missing = join(held);
			asked = missing.isEmpty() ? CompletableFuture.completedFuture(List.of()) : ask(missing);
		}
		catch (Throwable ex) {
			notGranted(held, ex, sink);
			return;
		}
		this.waiting = asked;
		if (this.state.get() == ENDED) {
			asked.cancel(true);
		}
		var unused = asked.whenComplete((granted, failure) -> {
			if (granted == null) {
				notGranted(held, (failure != null) ? failure : ThreadHolds.noAnswer(this.holds.manager(this.method)),
						sink);
			}
			else {
				guards(granted)
					.forEach((guard) -> held.put(id(guard.key()), new SharedHold(guard, mode(missing, guard))));
				granted(held, sink);
			}
		});
	}

	/** Joins what this call runs in, and answers what is not held there. */
	private List<LockRequest> join(Map<String, SharedHold> held) {
		List<LockRequest> missing = new ArrayList<>();
		for (LockRequest request : this.requests) {
			SharedHold outer = outer(request);
			if (outer == null) {
				missing.add(request);
			}
			else {
				held.put(id(request.key()), outer);
				outer.checkMode(request.mode());
				outer.checkHeld();
			}
		}
		return missing;
	}

	/** What this work runs in that holds the key and lets it in. */
	private @Nullable SharedHold outer(LockRequest request) {
		SharedHold hold = heldOutside().get(id(request.key()));
		return (hold != null && hold.join()) ? hold : this.holds.share(request, this.method);
	}

	private Map<String, SharedHold> heldOutside() {
		return this.context.<Map<String, SharedHold>>getOrEmpty(this.holds.contextKey()).orElse(Map.of());
	}

	private String id(String key) {
		return this.holds.id(key, this.method);
	}

	private CompletableFuture<?> ask(List<LockRequest> missing) {
		LockManager locks = this.holds.manager(this.method);
		return ThreadHolds
			.answered((missing.size() == 1) ? locks.lockAsync(missing.get(0)) : locks.lockAllAsync(missing), locks);
	}

	private static Collection<LockGuard> guards(Object granted) {
		if (granted instanceof LockGuards several) {
			return several.guards();
		}
		return (granted instanceof LockGuard guard) ? List.of(guard) : List.of();
	}

	private static LockMode mode(List<LockRequest> requests, LockGuard guard) {
		return requests.stream()
			.filter((request) -> request.key().equals(guard.key()))
			.map(LockRequest::mode)
			.findFirst()
			.orElse(LockMode.EXCLUSIVE);
	}

	private void granted(Map<String, SharedHold> held, MonoSink<Map<String, SharedHold>> sink) {
		try {
			held.values().forEach(SharedHold::checkHeld);
		}
		catch (Throwable ex) {
			// lost before the method has begun, while it was waited for others or for a
			// thread
			notGranted(held, ex, sink);
			return;
		}
		held.values().forEach((hold) -> hold.onLost(this.loss));
		if (!this.state.compareAndSet(null, held)) {
			// cancelled meanwhile
			var unused = leave(held.values());
			return;
		}
		sink.success(held);
	}

	private void notGranted(Map<String, SharedHold> joined, Throwable failure, MonoSink<Map<String, SharedHold>> sink) {
		var unused = SharedHold.leave(joined.values());
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		if (!this.state.compareAndSet(null, REFUSED)) {
			return;
		}
		if (cause instanceof LockTimeoutException && this.method.onBusy() == OnBusy.SKIP) {
			this.observed.skipped();
			sink.success();
		}
		else {
			sink.error(cause);
		}
	}

	private Function<Context, Context> inside(Map<String, SharedHold> own) {
		return (outside) -> {
			Map<String, SharedHold> held = new HashMap<>(heldOutside());
			held.putAll(own);
			Object observation = this.observed.observation();
			Context inside = outside.put(this.holds.contextKey(), Map.copyOf(held));
			return (observation != null) ? inside.put(CallObserver.CONTEXT_KEY, observation) : inside;
		};
	}

	/**
	 * Releases the locks. Not left to what {@code usingWhen} does on completion, whose
	 * failures it would wrap.
	 */
	private <T> Mono<T> completed() {
		return ended((loss) -> {
			if (loss != null) {
				this.observed.failed(loss);
			}
		}).then(Mono.empty());
	}

	private Mono<Void> failed(Throwable failure) {
		return ended((loss) -> {
			if (loss != null) {
				failure.addSuppressed(loss);
			}
			this.observed.failed(failure);
		}).onErrorComplete();
	}

	private Mono<Void> cancelled() {
		if (this.state.get() == null) {
			this.observed.abandoned();
		}
		return ended((loss) -> {
		}).onErrorComplete();
	}

	/**
	 * Ends the call, if nothing else did.
	 * @param observer is told of the loss of the lock, if there was one, which is also
	 * the error of the answer
	 */
	private Mono<Void> ended(Consumer<@Nullable Throwable> observer) {
		Object before = this.state.getAndSet(ENDED);
		return (before == ENDED) ? Mono.empty() : Mono.fromFuture(release(before).whenComplete((released, loss) -> {
			observer.accept(loss);
			this.observed.end();
		}), true);
	}

	private CompletableFuture<Void> release(@Nullable Object before) {
		if (before instanceof Map<?, ?> held) {
			return leave(held.values().stream().map(SharedHold.class::cast).toList());
		}
		CompletableFuture<?> asked = this.waiting;
		if (asked != null) {
			asked.cancel(true);
		}
		return CompletableFuture.completedFuture(null);
	}

	private CompletableFuture<Void> leave(Collection<SharedHold> held) {
		held.forEach((hold) -> hold.forget(this.loss));
		return SharedHold.leave(held);
	}

	/**
	 * Does not keep the call, so that a subscription that everybody has forgotten can be
	 * found by the garbage collector, and its guard with it.
	 */
	private record Loss(WeakReference<ReactiveCall> call) implements Runnable {

		@Override
		public void run() {
			ReactiveCall present = this.call.get();
			if (present != null) {
				// its end meets the loss when it releases the lock
				var unused = present.lost.tryEmitEmpty();
			}
		}

	}

}
