package org.crossprocesslock.annotation;

import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockManager;
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
 * One subscription that runs under its lock. Whatever ends it, on whatever thread, meets
 * the grant of the lock in {@link #state}, so that it is released once and never kept.
 */
final class ReactiveCall {

	/** Stands for a call that has ended. */
	private static final Object ENDED = new Object();

	private final ThreadHolds holds;

	private final LockRequest request;

	private final OnBusy onBusy;

	private final ContextView context;

	private final ObservedCall observed;

	private final Sinks.Empty<Void> lost = Sinks.empty();

	// null while it waits, then the SharedHold, then ENDED
	private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

	private volatile @Nullable CompletableFuture<LockGuard> waiting;

	ReactiveCall(ThreadHolds holds, CallObserver observer, LockRequest request, OnBusy onBusy, ContextView context) {
		this.holds = holds;
		this.request = request;
		this.onBusy = onBusy;
		this.context = context;
		this.observed = observer.beginElsewhere(request, context.getOrDefault(CallObserver.CONTEXT_KEY, null));
	}

	/** What is subscribed to where a method answers any number of values. */
	<T> Flux<T> many(Supplier<Flux<T>> method) {
		Flux<T> work = Mono.create(this::ask)
			.flatMapMany((hold) -> method.get().takeUntilOther(this.lost.asMono()).contextWrite(inside(hold)));
		return Flux.usingWhen(Mono.just(this), (call) -> work.concatWith(Mono.defer(this::completed)),
				(call) -> Mono.empty(), ReactiveCall::failed, ReactiveCall::cancelled);
	}

	/** What is subscribed to where a method answers one value or none. */
	<T> Mono<T> one(Supplier<Mono<T>> method) {
		Mono<T> work = Mono.create(this::ask)
			.flatMap((hold) -> method.get().takeUntilOther(this.lost.asMono()).contextWrite(inside(hold)));
		return Mono.usingWhen(Mono.just(this),
				(call) -> work.singleOptional()
					.flatMap((value) -> this.<T>completed().switchIfEmpty(Mono.justOrEmpty(value))),
				(call) -> Mono.empty(), ReactiveCall::failed, ReactiveCall::cancelled);
	}

	private void ask(MonoSink<SharedHold> sink) {
		SharedHold outer = outer();
		if (outer != null) {
			join(outer, sink);
			return;
		}
		LockManager locks = this.holds.manager();
		CompletableFuture<LockGuard> asked = ThreadHolds.answered(locks.lockAsync(this.request), locks);
		this.waiting = asked;
		if (this.state.get() == ENDED) {
			asked.cancel(true);
		}
		var unused = asked.whenComplete((guard, failure) -> {
			if (failure != null) {
				refused(failure, sink);
			}
			else {
				granted(new SharedHold(ThreadHolds.answered(guard, locks), this.request.mode()), sink);
			}
		});
	}

	/** What this work runs in that holds the key and lets it in. */
	private @Nullable SharedHold outer() {
		SharedHold hold = heldOutside().get(this.request.key());
		return (hold != null && hold.join()) ? hold : this.holds.share(this.request);
	}

	private Map<String, SharedHold> heldOutside() {
		return this.context.<Map<String, SharedHold>>getOrEmpty(this.holds).orElse(Map.of());
	}

	private void join(SharedHold outer, MonoSink<SharedHold> sink) {
		try {
			outer.checkMode(this.request.mode());
			outer.checkHeld();
		}
		catch (RuntimeException ex) {
			var unused = outer.leave();
			sink.error(ex);
			return;
		}
		granted(outer, sink);
	}

	private void granted(SharedHold hold, MonoSink<SharedHold> sink) {
		if (!this.state.compareAndSet(null, hold)) {
			// cancelled meanwhile
			var unused = hold.leave();
			return;
		}
		hold.onLost(new Loss(new WeakReference<>(this)));
		this.observed.acquired();
		sink.success(hold);
	}

	private void refused(Throwable failure, MonoSink<SharedHold> sink) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		if (this.state.get() == ENDED) {
			return;
		}
		if (cause instanceof LockTimeoutException && this.onBusy == OnBusy.SKIP) {
			this.observed.skipped();
			sink.success();
		}
		else {
			sink.error(cause);
		}
	}

	private Function<Context, Context> inside(SharedHold hold) {
		return (outside) -> {
			Map<String, SharedHold> held = new HashMap<>(heldOutside());
			held.put(this.request.key(), hold);
			Object observation = this.observed.observation();
			Context inside = outside.put(this.holds, Map.copyOf(held));
			return (observation != null) ? inside.put(CallObserver.CONTEXT_KEY, observation) : inside;
		};
	}

	/**
	 * Releases the lock. Not left to what {@code usingWhen} does on completion, whose
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
		if (before instanceof SharedHold hold) {
			return hold.leave();
		}
		CompletableFuture<LockGuard> asked = this.waiting;
		if (asked != null) {
			asked.cancel(true);
		}
		return CompletableFuture.completedFuture(null);
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
