package org.crossprocesslock.annotation;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import org.aopalliance.intercept.MethodInvocation;
import org.crossprocesslock.LockException;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.annotation.CallObserver.ObservedCall;
import org.jspecify.annotations.Nullable;

/**
 * Calls of methods that answer a stage: the caller waits for the locks, which are held
 * until the stage has completed. What the caller gets completes after the release.
 */
final class StageCalls {

	private final ThreadHolds holds;

	private final CallObserver observer;

	StageCalls(ThreadHolds holds, CallObserver observer) {
		this.holds = holds;
		this.observer = observer;
	}

	CompletionStage<?> call(MethodInvocation invocation, LockedMethod method, List<LockRequest> requests)
			throws Throwable {
		ObservedCall observed = this.observer.begin(requests.get(0));
		try {
			LockedCall call;
			try {
				call = this.holds.enter(requests, method);
			}
			catch (LockTimeoutException ex) {
				return busy(invocation, method, ex, observed);
			}
			catch (LockException ex) {
				return failed(ex, observed);
			}
			if (call == null) {
				observed.skipped();
				observed.end();
				return CompletableFuture.completedFuture(method.skipped());
			}
			return whenDone(begin(invocation, call, observed), call.handOver(), observed);
		}
		catch (Throwable ex) {
			observed.failed(ex);
			observed.end();
			throw ex;
		}
	}

	private static CompletionStage<?> failed(LockException failure, ObservedCall observed) {
		observed.failed(failure);
		observed.end();
		return CompletableFuture.failedFuture(failure);
	}

	private static CompletionStage<?> busy(MethodInvocation invocation, LockedMethod method,
			LockTimeoutException reason, ObservedCall observed) throws Throwable {
		Fallback fallback = method.fallback();
		if (fallback == null) {
			return failed(reason, observed);
		}
		observed.skipped();
		return whenDone(stage(fallback.call(invocation, reason)), List.of(), observed);
	}

	/** Ends the call if there is no work that goes on. */
	private static CompletionStage<?> begin(MethodInvocation invocation, LockedCall call, ObservedCall observed)
			throws Throwable {
		try {
			observed.acquired();
			return stage(invocation.proceed());
		}
		catch (Throwable ex) {
			try (call) {
				throw ex;
			}
		}
	}

	// as Spring's @Async sees it
	private static CompletionStage<?> stage(@Nullable Object answer) {
		return (answer != null) ? (CompletionStage<?>) answer : CompletableFuture.completedFuture(null);
	}

	private static CompletionStage<?> whenDone(CompletionStage<?> work, List<SharedHold> kept, ObservedCall observed) {
		CompletableFuture<@Nullable Object> answer = new CompletableFuture<>();
		try {
			observed.leaveThread();
		}
		finally {
			var unused = work.whenComplete((value, failure) -> {
				var unusedToo = SharedHold.leave(kept)
					.whenComplete((none, loss) -> end(answer, value, failure, loss, observed));
			});
		}
		return answer;
	}

	private static void end(CompletableFuture<@Nullable Object> answer, @Nullable Object value,
			@Nullable Throwable failure, @Nullable Throwable loss, ObservedCall observed) {
		try {
			Throwable cause = causeOf(failure, loss);
			if (cause != null) {
				observed.failed(cause);
			}
			observed.end();
		}
		catch (Throwable ex) {
			// as it ends a call that returns; nobody else would complete the answer
			answer.completeExceptionally(ex);
		}
		if (failure != null) {
			answer.completeExceptionally(failure);
		}
		else if (loss != null) {
			answer.completeExceptionally(loss);
		}
		else {
			answer.complete(value);
		}
	}

	/** The failure of the work, with the loss of its lock, or just that. */
	private static @Nullable Throwable causeOf(@Nullable Throwable failure, @Nullable Throwable loss) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		if (cause != null && loss != null && cause != loss) {
			cause.addSuppressed(loss);
		}
		return (cause != null) ? cause : loss;
	}

}
