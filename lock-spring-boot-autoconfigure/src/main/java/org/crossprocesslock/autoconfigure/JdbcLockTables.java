package org.crossprocesslock.autoconfigure;

import java.sql.SQLException;
import java.util.List;
import java.util.function.BooleanSupplier;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.sql.init.DatabaseInitializationMode;

/**
 * Makes sure that the tables are there before anybody asks for a lock.
 */
final class JdbcLockTables {

	private static final String PROPERTY = LockProperties.PREFIX + ".jdbc.initialize-schema";

	private JdbcLockTables() {
	}

	/**
	 * Looks for the tables and creates them where that is allowed.
	 * @param embedded whether Boot takes the database for embedded
	 * @throws LockTablesMissingException if they are missing in the end
	 * @throws LockRightsMissingException if they are there and the user lacks a right
	 * @throws RefusedStartException if a key could be there twice
	 */
	static void ensure(JdbcLeaseSchema schema, DatabaseInitializationMode mode, BooleanSupplier embedded) {
		JdbcLeaseSchema.Condition found = schema.condition();
		if (!found.missingGrants().isEmpty()) {
			throw new LockRightsMissingException(found.missingGrants());
		}
		if (!found.exists()) {
			create(schema, mode, embedded);
		}
		List<String> keys = found.exists() ? found.missingKeys() : schema.missingKeys();
		if (!keys.isEmpty()) {
			throw new RefusedStartException(
					"A table of the cross-process locks would let two processes have the same lock: it lacks its primary "
							+ "key, row locks or a collation that tells all keys apart.",
					"Stop all processes that use the tables, and have their owner run:\n\n" + String.join(";\n", keys)
							+ ";\n\nIf that fails because a key is there twice, empty the table first.",
					null);
		}
	}

	private static void create(JdbcLeaseSchema schema, DatabaseInitializationMode mode, BooleanSupplier embedded) {
		if (mode == DatabaseInitializationMode.NEVER) {
			throw new LockTablesMissingException(PROPERTY + "=never forbids to create them", schema.ddl(), null);
		}
		if (mode == DatabaseInitializationMode.EMBEDDED && !embedded.getAsBoolean()) {
			throw new LockTablesMissingException(
					PROPERTY + "=embedded forbids to create them in a database that is not embedded", schema.ddl(),
					null);
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
