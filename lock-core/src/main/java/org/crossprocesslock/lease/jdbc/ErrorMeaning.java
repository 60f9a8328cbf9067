package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * What an error of a database means for the store. There is one table for each product.
 */
enum ErrorMeaning {

	/** It may pass by itself. What no table knows is of this kind. */
	TEMPORARY,

	/** The database gave up for the sake of another transaction; nothing was done. */
	MADE_WAY,

	/** Somebody else keeps a row locked, or a whole table. */
	LOCKED,

	/** The fault of a row, so that other rows may well be processed. */
	BAD_ROW,

	/**
	 * Refused before anything was done, for the sake of what this session has or has not
	 * prepared, or of the server it leads to; a fresh connection may lead elsewhere.
	 */
	STALE_SESSION,

	/** A table, a column or the schema is missing. */
	MISSING,

	/** The user lacks a right. */
	NO_RIGHT,

	/** Waiting does not help: an unknown database or password, a wrong statement. */
	PERMANENT;

	/** By vendor code or SQLState, and else by the class of the SQLState. */
	static final Map<String, ErrorMeaning> POSTGRESQL = table(
			// serialization, deadlock
			entry(MADE_WAY, "40001", "40P01"),
			// lock_not_available
			entry(LOCKED, "55P03"),
			// data, integrity, with check option
			entry(BAD_ROW, "22", "23", "44"),
			// begin read write on a standby, or a cached plan whose result type has
			// changed
			entry(STALE_SESSION, "0A000"),
			// prepared statements lost or doubled, as behind a proxy that shares sessions
			entry(STALE_SESSION, "26000", "42P05"),
			// on a standby, or a primary that was told to be read-only
			entry(STALE_SESSION, "25006"),
			// table, column, schema
			entry(MISSING, "42P01", "42703", "3F000"),
			// insufficient privilege
			entry(NO_RIGHT, "42501"),
			// password or role, database, role, any other error of a statement or name
			entry(PERMANENT, "28", "3D000", "0P000", "42", "0A"));

	/** The same for H2, which has a code for each error and few states. */
	static final Map<String, ErrorMeaning> H2 = table(
			// deadlock, concurrent update, lock timeout
			entry(MADE_WAY, "40001", "90131", "HYT00"),
			// data, integrity
			entry(BAD_ROW, "22", "23"),
			// table, column, schema
			entry(MISSING, "42S02", "42S03", "42S04", "42S22", "90079"),
			// administrators only, not enough rights
			entry(NO_RIGHT, "90040", "90096"),
			// password, no such database (in this process or elsewhere), read-only
			entry(PERMANENT, "28", "90013", "90146", "90149", "90097"),
			// remote connections not allowed, feature not supported, any other error of a
			// statement
			entry(PERMANENT, "90117", "HYC00", "42"));

	/** The same for MySQL and MariaDB, whose codes say more than their states. */
	static final Map<String, ErrorMeaning> MYSQL = table(
			// deadlock, record has changed since the snapshot, table definition has
			// changed
			entry(MADE_WAY, "1213", "1020", "1412", "40001"),
			// lock wait, nowait
			entry(LOCKED, "1205", "3572"),
			// data, integrity, check (on either product), text that is none
			entry(BAD_ROW, "22", "23", "3819", "4025", "1366"),
			// read-only: an option, a transaction, a mode
			entry(STALE_SESSION, "1290", "1792", "1836"),
			// prepared statements lost, as behind a proxy that shares sessions, or stale
			entry(STALE_SESSION, "1243", "1615"),
			// table, column, database
			entry(MISSING, "1146", "1054", "1049"),
			// command, column, database, privilege
			entry(NO_RIGHT, "1142", "1143", "1044", "1227"),
			// connections of one user, limits of one user, prepared statements of all
			entry(TEMPORARY, "1203", "1226", "1461"),
			// password, none selected, expired, account locked
			entry(PERMANENT, "28", "1046", "1862", "1820", "3118"),
			// unknown collation, variable; format of the log; any other error of a
			// statement
			entry(PERMANENT, "1273", "1193", "1665", "42"));

	/** Of the class of a state, which is its beginning. */
	private static final int CLASS_LENGTH = 2;

	/** The code of H2's errors that have none of their own. */
	private static final int H2_GENERAL_ERROR = 50000;

	/** Whether waiting cannot help, as far as can be known. */
	boolean isPermanent() {
		return this == BAD_ROW || this == MISSING || this == NO_RIGHT || this == PERMANENT;
	}

	/** Whether the statement has surely not done anything. */
	boolean leavesNothingDone() {
		return this != TEMPORARY;
	}

	/** Whether the session is as it was, outside of any transaction. */
	boolean leavesConnectionUsable() {
		return this == BAD_ROW || this == MADE_WAY || this == LOCKED;
	}

	/**
	 * Whether waiting cannot help, where nobody knows yet which database it is. Vendor
	 * codes say more than states, and only MySQL and MariaDB have such small ones.
	 */
	static boolean isPermanentAnywhere(SQLException error) {
		for (Throwable cause : causes(error)) {
			if (cause instanceof SQLException ex && ofCode(ex, MYSQL) != null) {
				return of(error, MYSQL).isPermanent();
			}
		}
		return Arrays.stream(Dialect.values()).anyMatch((dialect) -> of(error, dialect.errors()).isPermanent());
	}

	/**
	 * What the error means. A pool puts its own error around that of the driver, with or
	 * without its state, or an unchecked one; what has none of a driver in it may pass.
	 */
	static ErrorMeaning of(Throwable error, Map<String, ErrorMeaning> table) {
		for (Throwable cause : causes(error)) {
			if (cause instanceof SQLException ex) {
				ErrorMeaning meaning = lookUp(ex, table);
				if (meaning != null) {
					return meaning;
				}
			}
		}
		return TEMPORARY;
	}

	/** The error and what has led to it, which may lead in a circle. */
	static List<Throwable> causes(Throwable error) {
		Set<Throwable> known = Collections.newSetFromMap(new IdentityHashMap<>());
		List<Throwable> causes = new ArrayList<>();
		for (Throwable cause = error; cause != null && known.add(cause); cause = cause.getCause()) {
			causes.add(cause);
		}
		return causes;
	}

	/** Not of small numbers, which would be taken for the class of a state. */
	private static @Nullable ErrorMeaning ofCode(SQLException ex, Map<String, ErrorMeaning> table) {
		String code = String.valueOf(ex.getErrorCode());
		return (code.length() > CLASS_LENGTH) ? table.get(code) : null;
	}

	private static @Nullable ErrorMeaning lookUp(SQLException ex, Map<String, ErrorMeaning> table) {
		if (metAChangeOfH2(ex)) {
			return MADE_WAY;
		}
		String state = String.valueOf(ex.getSQLState());
		ErrorMeaning meaning = ofCode(ex, table);
		if (meaning == null) {
			meaning = table.get(state);
		}
		return (meaning == null && state.length() == 5) ? table.get(state.substring(0, CLASS_LENGTH)) : meaning;
	}

	/**
	 * H2 reads what depends on a table while another session creates a table. A server
	 * tells of it in the message only.
	 */
	private static boolean metAChangeOfH2(SQLException ex) {
		return ex.getErrorCode() == H2_GENERAL_ERROR
				&& String.valueOf(ex.getMessage()).contains(ConcurrentModificationException.class.getName());
	}

	private record Entry(ErrorMeaning meaning, List<String> codes) {

	}

	private static Entry entry(ErrorMeaning meaning, String... codes) {
		return new Entry(meaning, List.of(codes));
	}

	private static Map<String, ErrorMeaning> table(Entry... entries) {
		Map<String, ErrorMeaning> table = new HashMap<>();
		for (Entry entry : entries) {
			entry.codes().forEach((code) -> table.put(code, entry.meaning()));
		}
		return Map.copyOf(table);
	}

}
