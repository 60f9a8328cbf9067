package org.crossprocesslock.engine;

import org.crossprocesslock.LockStoreException;

/**
 * What a store, a driver or this library throws that is no report of a failure. An
 * exception may have passed the next time: drivers and pools throw any kind of it under
 * load. An error of the machine passes too when there is memory, a thread or room on the
 * stack again; any other error, such as a class that is missing, does not.
 *
 * @since 0.1.0
 */
public final class StoreFault {

	private StoreFault() {
	}

	/**
	 * The failure that it is for requests.
	 * @param message what failed
	 * @param thrown what was thrown
	 * @return the failure
	 */
	public static LockStoreException of(String message, Throwable thrown) {
		boolean permanent = thrown instanceof Error && !(thrown instanceof VirtualMachineError);
		return new LockStoreException(message, thrown, permanent);
	}

}
