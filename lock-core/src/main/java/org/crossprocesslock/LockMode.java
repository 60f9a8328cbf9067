package org.crossprocesslock;

/**
 * Which other guards a guard excludes.
 *
 * @since 0.1.0
 */
public enum LockMode {

	/**
	 * Excludes every other guard of the key, in this process and in every other. The
	 * default.
	 */
	EXCLUSIVE,

	/**
	 * Any number of guards of this mode inside one process; excludes the guards of other
	 * processes whatever their mode, and the {@link #EXCLUSIVE} guards of this one. The
	 * key is given up when the last guard closes. All guards that share the key carry the
	 * same fencing token, so a token proves that no other process had the key, not that
	 * no other guard of this process was at work.
	 * <p>
	 * Requests are served in the order of their arrival: a shared request that comes
	 * after a waiting exclusive one waits behind it, and as soon as another process is
	 * known to wait, no further guard joins. Where that cannot be known, guards join for
	 * a limited time only: a tenth of a second after the grant on a database without
	 * notifications, a second with a file for each key.
	 */
	SHARED_IN_PROCESS

}
