package org.crossprocesslock.lease.jdbc;

import org.crossprocesslock.LockReach;

/**
 * Who else can use the database that keeps the locks.
 *
 * @param reach what its locks exclude
 * @param reason why, to follow a colon in a sentence
 * @since 0.1.0
 */
public record DatabaseReach(LockReach reach, String reason) {

	static final DatabaseReach SERVER = new DatabaseReach(LockReach.MACHINES, "the database is a server");

}
