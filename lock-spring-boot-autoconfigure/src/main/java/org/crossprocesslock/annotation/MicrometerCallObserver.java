package org.crossprocesslock.annotation;

import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.crossprocesslock.LockInterruptedException;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.annotation.LockedCallObservationContext.Outcome;
import org.crossprocesslock.autoconfigure.LookedUp;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Has every call observed as {@link LockedCallObservationDocumentation} says. Nothing is
 * made for a registry to which nobody listens.
 */
final class MicrometerCallObserver implements CallObserver {

	/** Stands for a key that is not to be told. */
	private static final String UNTOLD = "?";

	private final Supplier<Target> target;

	/**
	 * Creates an observer.
	 * @param beanFactory where the registry and the convention are, looked for with the
	 * first call
	 * @param includeKey whether the key is told, asked with the first call
	 */
	MicrometerCallObserver(BeanFactory beanFactory, BooleanSupplier includeKey) {
		ObjectProvider<ObservationRegistry> registries = beanFactory.getBeanProvider(ObservationRegistry.class);
		ObjectProvider<LockedCallObservationConvention> conventions = beanFactory
			.getBeanProvider(LockedCallObservationConvention.class);
		this.target = new LookedUp<>(() -> new Target(registries.getIfUnique(() -> ObservationRegistry.NOOP),
				conventions.getIfAvailable(), new DefaultLockedCallObservationConvention(includeKey.getAsBoolean())));
	}

	@Override
	public ObservedCall begin(LockRequest request) {
		Target found = this.target.get();
		return found.registry.isNoop() ? ObservedCall.NONE : begin(request, found);
	}

	@Override
	public ObservedCall beginElsewhere(LockRequest request, @Nullable Object parent) {
		try (Observation.Scope scope = (parent instanceof Observation outer) ? outer.openScope() : null) {
			ObservedCall observed = begin(request);
			observed.leaveThread();
			return observed;
		}
	}

	private static ObservedCall begin(LockRequest request, Target target) {
		LockedCallObservationContext context = new LockedCallObservationContext(request);
		Observation observation = LockedCallObservationDocumentation.LOCKED_CALL
			.observation(target.own, target.convention, () -> context, target.registry)
			.start();
		return observation.isNoop() ? ObservedCall.NONE
				: new MicrometerObservedCall(context, observation, target.convention.includesKey());
	}

	/** Where observations go, and how they are described. */
	private record Target(ObservationRegistry registry, @Nullable LockedCallObservationConvention own,
			DefaultLockedCallObservationConvention convention) {

	}

	private static final class MicrometerObservedCall implements ObservedCall {

		private final LockedCallObservationContext context;

		private final Observation observation;

		private final boolean includeKey;

		private Observation.@Nullable Scope scope;

		MicrometerObservedCall(LockedCallObservationContext context, Observation observation, boolean includeKey) {
			this.context = context;
			this.observation = observation;
			this.includeKey = includeKey;
			this.scope = observation.openScope();
		}

		@Override
		public void acquired() {
			this.context.setOutcome(Outcome.ACQUIRED);
			this.observation.event(LockedCallObservationDocumentation.Events.ACQUIRED);
		}

		@Override
		public void skipped() {
			this.context.setOutcome(notGranted());
		}

		@Override
		public void abandoned() {
			this.context.setOutcome(Outcome.ABANDONED);
		}

		@Override
		public void leaveThread() {
			if (this.scope != null) {
				this.scope.close();
				this.scope = null;
			}
		}

		@Override
		public Object observation() {
			return this.observation;
		}

		@Override
		public void failed(Throwable failure) {
			if (this.context.getOutcome() == Outcome.NONE) {
				this.context.setOutcome(refusal(failure));
			}
			else if (isLoss(failure) || Arrays.stream(failure.getSuppressed()).anyMatch((each) -> isLoss(each))) {
				this.context.setOutcome(Outcome.LOST);
			}
			this.observation.error(this.includeKey ? failure : withoutKey(failure));
		}

		@Override
		public void end() {
			leaveThread();
			if (this.context.getOutcome() == Outcome.NONE) {
				// cancelled while the grant of its lock arrived
				this.context.setOutcome(Outcome.ABANDONED);
			}
			this.observation.stop();
		}

		/** Of the library's own failures, which name the key to their caller. */
		private static Throwable withoutKey(Throwable failure) {
			Throwable copy;
			if (failure instanceof LockTimeoutException busy) {
				copy = new LockTimeoutException(UNTOLD, busy.getWaited(), busy.getHolder(), busy.getKeptFor());
			}
			else if (failure instanceof LockLostException lost) {
				copy = new LockLostException(UNTOLD, lost.getFencingToken(), "the caller was told how");
			}
			else if (failure instanceof LockInterruptedException
					&& failure.getCause() instanceof InterruptedException interrupt) {
				copy = new LockInterruptedException(UNTOLD, interrupt);
			}
			else {
				return failure;
			}
			copy.setStackTrace(failure.getStackTrace());
			return copy;
		}

		private Outcome refusal(Throwable failure) {
			if (failure instanceof LockTimeoutException) {
				return notGranted();
			}
			return (failure instanceof LockInterruptedException) ? Outcome.ABANDONED : Outcome.FAILED;
		}

		private Outcome notGranted() {
			return this.context.getRequest().waitTime().isZero() ? Outcome.BUSY : Outcome.TIMED_OUT;
		}

		private static boolean isLoss(Throwable failure) {
			return failure instanceof LockLostException;
		}

	}

}
