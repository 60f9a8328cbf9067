package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.Internal;

/**
 * What a property asks for is decided once where an application is processed ahead of
 * time, and what the property says when it runs comes too late.
 *
 * @since 0.1.0
 */
@Internal
public final class ProcessedAheadOfTime {

	private ProcessedAheadOfTime() {
	}

	/**
	 * Refuses to go on without what is asked for now, or with what is not.
	 * @param property the property
	 * @param wanted whether it asks now
	 * @param present whether there is what it asks for
	 * @throws IllegalStateException if that differs
	 */
	public static void requireSame(String property, boolean wanted, boolean present) {
		if (wanted != present) {
			throw new RefusedStartException(
					"This application was processed ahead of time (AOT) " + (present ? "with " : "without ") + property
							+ ", and runs " + (wanted ? "with it." : "without it."),
					"Process it again with the properties that it runs with.", null);
		}
	}

}
