package org.crossprocesslock.autoconfigure;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.autoconfigure.LockProperties.InitializeSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;

/**
 * Makes sure that the tables are there before anybody asks for a lock.
 */
final class JdbcLockTables {

	private JdbcLockTables() {
	}

	/**
	 * Looks for the tables and creates them where that is allowed.
	 * @throws LockTablesMissingException if they are missing in the end
	 */
	static void ensure(JdbcLeaseSchema schema, InitializeSchema mode) {
		if (schema.exists()) {
			return;
		}
		if (mode == InitializeSchema.NEVER) {
			throw new LockTablesMissingException(
					"cross-process-lock.jdbc.initialize-schema=never forbids to create them", schema.ddl(), null);
		}
		try {
			schema.createIfMissing();
		}
		catch (LockStoreException ex) {
			throw new LockTablesMissingException("could not be created: " + ex.getMessage(), schema.ddl(), ex);
		}
	}

}
