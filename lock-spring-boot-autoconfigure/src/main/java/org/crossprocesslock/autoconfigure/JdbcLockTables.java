package org.crossprocesslock.autoconfigure;

import java.sql.SQLException;
import java.util.List;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.autoconfigure.LockProperties.InitializeSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that the tables are there before anybody asks for a lock.
 */
final class JdbcLockTables {

	private JdbcLockTables() {
	}

	/**
	 * Looks for the tables and creates them where that is allowed.
	 * @throws LockTablesMissingException if they are missing in the end
	 * @throws LockRightsMissingException if they are there and the user lacks a right
	 * @throws RefusedStartException if a key could be there twice
	 */
	static void ensure(JdbcLeaseSchema schema, InitializeSchema mode) {
		List<String> grants = schema.missingGrants();
		if (!grants.isEmpty()) {
			throw new LockRightsMissingException(grants);
		}
		if (!schema.exists()) {
			create(schema, mode);
		}
		List<String> keys = schema.missingKeys();
		if (!keys.isEmpty()) {
			throw new RefusedStartException(
					"A table of the cross-process locks has no primary key, so that two processes could have the same "
							+ "lock.",
					"Stop all processes that use the tables, and have their owner run:\n\n" + String.join(";\n", keys)
							+ ";\n\nIf that fails because a key is there twice, empty the table first.",
					null);
		}
	}

	private static void create(JdbcLeaseSchema schema, InitializeSchema mode) {
		if (mode == InitializeSchema.NEVER) {
			throw new LockTablesMissingException(
					"cross-process-lock.jdbc.initialize-schema=never forbids to create them", schema.ddl(), null);
		}
		try {
			schema.createIfMissing();
		}
		catch (LockStoreException ex) {
			throw new LockTablesMissingException("could not be created: " + said(ex), schema.ddl(), ex);
		}
	}

	/** By the database: what it says of tables that are there would mislead. */
	private static @Nullable String said(LockStoreException ex) {
		return (ex.getCause() instanceof SQLException cause) ? cause.getMessage() : ex.getMessage();
	}

}
