package org.crossprocesslock;

/**
 * What a lock excludes, from few to many; each includes those before it.
 *
 * @since 0.1.0
 */
public enum LockReach {

	/** Threads of this process only. */
	THREADS,

	/** Processes of the container that this process is in. */
	CONTAINER,

	/** Processes of this host, in whatever container. */
	PROCESSES,

	/** Processes of other machines as well. */
	MACHINES;

	/**
	 * Whether this includes everything that the other reach includes.
	 * @param other the reach that is required
	 * @return whether this is as much or more
	 */
	public boolean covers(LockReach other) {
		return compareTo(other) >= 0;
	}

}
