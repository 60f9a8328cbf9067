package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.util.Locale;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Unanswered;
import org.jspecify.annotations.Nullable;

/** Errors of the database in the words of the store. */
final class StoreErrors {

	private final LeaseStatements statements;

	StoreErrors(LeaseStatements statements) {
		this.statements = statements;
	}

	/** The database could not even be asked what it is. */
	static LockStoreException unreachable(SQLException ex) {
		return new LockStoreException("Could not connect to the database of cross-process locks: " + ex.getMessage(),
				ex, ErrorMeaning.isPermanentAnywhere(ex));
	}

	LockStoreException of(String attempt, String tables, SQLException ex) {
		return of(attempt, tables, ex, ex.getMessage());
	}

	/** One key of an acquire was not acquired. */
	Failed ofKey(String key, SQLException ex) {
		return new Failed(key, of("acquire key '" + key + "'", this.statements.tables().lock(), ex));
	}

	/** The same where nobody knows whether it was, or still will be. */
	static Unanswered unanswered(Failed failed) {
		return new Unanswered(failed.key(), failed.failure());
	}

	/** An exception of a driver or a pool that is not the kind they should throw. */
	LockStoreException ofUnchecked(String attempt, String tables, RuntimeException ex) {
		return of(attempt, tables, ex, ex.toString());
	}

	private LockStoreException of(String attempt, String tables, Exception ex, @Nullable String said) {
		ErrorMeaning meaning = this.statements.meaning(ex);
		TableNames names = this.statements.tables();
		String reason = switch (meaning) {
			case MISSING -> "table " + missingTable(tables, String.valueOf(said))
					+ " is missing or lacks a column. Restart a process, "
					+ "which creates missing tables if cross-process-lock.jdbc.initialize-schema allows it, or "
					+ "run " + this.statements.dialect().script() + ", which is in the jar beside this class: ";
			case NO_RIGHT -> "the user of the DataSource lacks a right. Have the owner of the tables run: "
					+ "grant select, insert, update, delete on " + names.lockName() + ", " + names.leaseName()
					+ " to <user>, or, if it has these rights, take away the row-level security of the tables: ";
			default -> "";
		};
		return new LockStoreException("Could not " + attempt + " in " + tables + ": " + reason + said, ex,
				meaning.isPermanent());
	}

	private String missingTable(String tables, String message) {
		String said = message.toLowerCase(Locale.ROOT);
		TableNames names = this.statements.tables();
		if (said.contains(unqualified(names.lock()))) {
			return names.lock();
		}
		return said.contains(unqualified(names.lease())) ? names.lease() : tables;
	}

	private static String unqualified(String table) {
		return table.substring(table.indexOf('.') + 1).toLowerCase(Locale.ROOT);
	}

}
