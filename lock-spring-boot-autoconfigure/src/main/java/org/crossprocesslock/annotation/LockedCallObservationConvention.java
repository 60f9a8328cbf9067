package org.crossprocesslock.annotation;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/**
 * Names and describes the observations of calls of {@link CrossProcessLocked} methods. A
 * bean of this type is used instead of {@link DefaultLockedCallObservationConvention}.
 *
 * @since 0.1.0
 */
public interface LockedCallObservationConvention extends ObservationConvention<LockedCallObservationContext> {

	@Override
	default boolean supportsContext(Observation.Context context) {
		return context instanceof LockedCallObservationContext;
	}

}
