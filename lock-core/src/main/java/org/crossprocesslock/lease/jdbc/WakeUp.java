package org.crossprocesslock.lease.jdbc;

/**
 * How waiting processes learn that a key is free: by notifications or by polling.
 *
 * @since 0.1.0
 * @see JdbcLeaseStore.Builder#wakeUp(WakeUp)
 */
public enum WakeUp {

	/**
	 * By notifications where the database has them: PostgreSQL, on a connection of its
	 * own outside the pool and not behind a proxy that shares sessions. Processes poll as
	 * well, at longer intervals.
	 */
	AUTO,

	/** By polling alone. */
	POLL

}
