package org.crossprocesslock;

/**
 * Whom a lock excludes, from few to many; each includes those before it.
 *
 * @since 0.1.0
 */
public enum LockReach {

	/** Threads of this process, and nobody else. */
	THREADS,

	/** Processes of the container that this process is in. */
	CONTAINER,

	/** Processes of this host, in whatever container. */
	PROCESSES,

	/** Processes of other machines as well. */
	MACHINES;

	/**
	 * Whether everybody whom the other reach includes is included here.
	 * @param other what is wanted
	 * @return whether this is as much or more
	 */
	public boolean covers(LockReach other) {
		return compareTo(other) >= 0;
	}

}
