package org.crossprocesslock.annotation;

import java.util.Locale;

import io.micrometer.observation.Observation;
import org.crossprocesslock.LockRequest;

/**
 * What is known of a call of a {@link CrossProcessLocked} method while it is observed.
 * Used by the thread of the call, or by those on which its work goes on, one after the
 * other.
 *
 * @since 0.1.0
 */
public final class LockedCallObservationContext extends Observation.Context {

	/** How a call ended, or is about to. */
	public enum Outcome {

		/** It is not decided yet, as of all calls that have not ended. */
		NONE,

		/** It had its lock to the end. */
		ACQUIRED,

		/** It had its lock, and lost it while the method ran. */
		LOST,

		/** Others held the key, and there was no wait time. */
		BUSY,

		/** Others held the key for the whole wait time. */
		TIMED_OUT,

		/** It was interrupted while it waited. */
		ABANDONED,

		/** The lock could not be had. */
		FAILED;

		/** The value of the key {@code outcome}. */
		String asString() {
			return name().toLowerCase(Locale.ROOT).replace('_', '-');
		}

	}

	private final LockRequest request;

	private Outcome outcome = Outcome.NONE;

	LockedCallObservationContext(LockRequest request) {
		this.request = request;
	}

	/**
	 * What was asked for.
	 * @return the request, with the evaluated key
	 */
	public LockRequest getRequest() {
		return this.request;
	}

	/**
	 * How the call ended. Known when the observation stops.
	 * @return the outcome
	 */
	public Outcome getOutcome() {
		return this.outcome;
	}

	void setOutcome(Outcome outcome) {
		this.outcome = outcome;
	}

}
