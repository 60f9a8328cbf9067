package org.crossprocesslock.lease.jdbc;

import java.util.regex.Pattern;

/**
 * The names of the two tables. They are written into statements as text, so the prefix is
 * checked against a whitelist.
 */
record Tables(String prefix) {

	private static final Pattern PREFIX = Pattern
		.compile("([A-Za-z_][A-Za-z0-9_]{0,39}\\.)?[A-Za-z_][A-Za-z0-9_]{0,39}");

	Tables {
		if (!PREFIX.matcher(prefix).matches()) {
			throw new IllegalArgumentException("Table prefix '" + prefix + "' is not 1 to 40 ASCII letters, digits or "
					+ "underscores that start with no digit, after an optional schema name of the same form and a dot");
		}
	}

	String lease() {
		return this.prefix + "lease";
	}

	String lock() {
		return this.prefix + "lock";
	}

	/** Both, for messages about a statement that touches both. */
	String both() {
		return lock() + " and " + lease();
	}

	/** The statement with its placeholders replaced. */
	String in(String sql) {
		return sql.replace("{lease}", lease()).replace("{lock}", lock());
	}

}
