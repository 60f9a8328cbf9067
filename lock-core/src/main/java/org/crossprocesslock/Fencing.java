package org.crossprocesslock;

/**
 * Whether a transaction that runs under a lock is checked right before it commits: if
 * another process has acquired the key by then, it rolls back with a
 * {@link LockLostException}. Concerns transactions in the database that has the lock
 * tables, where something makes the check, as the Spring integration does. Without it use
 * {@link org.crossprocesslock.lease.jdbc.CommitFence}.
 *
 * @since 0.1.0
 */
public enum Fencing {

	/**
	 * Checked where that is possible; what cannot be checked is logged once. The default.
	 */
	AUTO,

	/** Checked; a transaction that cannot be checked must not commit. */
	REQUIRED,

	/** Not checked: a process that was paused for too long may commit stale work. */
	OFF

}
