package org.crossprocesslock.annotation;

import io.micrometer.common.KeyValues;
import org.crossprocesslock.annotation.LockedCallObservationDocumentation.HighCardinalityKeys;
import org.crossprocesslock.annotation.LockedCallObservationDocumentation.LowCardinalityKeys;

/**
 * The {@link LockedCallObservationConvention} that is used unless there is a bean of
 * another. Safe from any thread.
 *
 * @since 0.1.0
 */
public class DefaultLockedCallObservationConvention implements LockedCallObservationConvention {

	private static final String NAME = "cross.process.lock";

	private final boolean includeKey;

	/** Without the evaluated key. */
	public DefaultLockedCallObservationConvention() {
		this(false);
	}

	/**
	 * With or without the evaluated key.
	 * @param includeKey whether to add the key, which can be personal data
	 */
	public DefaultLockedCallObservationConvention(boolean includeKey) {
		this.includeKey = includeKey;
	}

	boolean includesKey() {
		return this.includeKey;
	}

	@Override
	public String getName() {
		return NAME;
	}

	@Override
	public String getContextualName(LockedCallObservationContext context) {
		return "lock " + context.getRequest().name();
	}

	@Override
	public KeyValues getLowCardinalityKeyValues(LockedCallObservationContext context) {
		return KeyValues.of(LowCardinalityKeys.NAME.withValue(context.getRequest().name()),
				LowCardinalityKeys.OUTCOME.withValue(context.getOutcome().asString()));
	}

	@Override
	public KeyValues getHighCardinalityKeyValues(LockedCallObservationContext context) {
		return this.includeKey ? KeyValues.of(HighCardinalityKeys.KEY.withValue(context.getRequest().key()))
				: KeyValues.empty();
	}

}
