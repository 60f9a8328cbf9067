package org.crossprocesslock.lease.jdbc;

/**
 * Whether processes tell each other about keys or find out by looking alone.
 *
 * @since 0.1.0
 * @see JdbcLeaseStore.Builder#wakeUp(WakeUp)
 */
public enum WakeUp {

	/**
	 * They tell each other where the database can pass it on: PostgreSQL, on a connection
	 * of its own outside the pool and not behind a proxy that shares sessions. They look
	 * as well, at longer intervals.
	 */
	AUTO,

	/** They look, after pauses. */
	POLL

}
