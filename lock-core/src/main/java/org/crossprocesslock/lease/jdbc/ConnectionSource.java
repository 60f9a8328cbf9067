package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Gives out one connection at a time, set up for the statements. Used by one thread at a
 * time.
 */
interface ConnectionSource extends AutoCloseable {

	/** A connection, within the time that the call has for it. */
	Connection take(Call call) throws SQLException;

	/**
	 * Takes back the connection that was taken last.
	 * @param connection the connection
	 * @param usable whether it can serve again
	 */
	void giveBack(Connection connection, boolean usable);

	@Override
	void close();

}
