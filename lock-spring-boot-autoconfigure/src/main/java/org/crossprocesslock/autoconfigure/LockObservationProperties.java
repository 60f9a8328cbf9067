package org.crossprocesslock.autoconfigure;

/**
 * Observations of calls under a lock.
 *
 * @since 0.1.0
 */
public class LockObservationProperties {

	/**
	 * Whether observations, and with them traces, have the evaluated key. Keys can be
	 * personal data.
	 */
	private boolean includeKey;

	public boolean isIncludeKey() {
		return this.includeKey;
	}

	public void setIncludeKey(boolean includeKey) {
		this.includeKey = includeKey;
	}

}
