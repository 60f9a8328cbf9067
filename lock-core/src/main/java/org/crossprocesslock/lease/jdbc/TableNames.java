package org.crossprocesslock.lease.jdbc;

import java.util.regex.Pattern;

/**
 * The names of the two tables: as a user gave them, for messages, and as statements name
 * them once it is known where the tables are. They are written into statements as text,
 * so the prefix is checked against a whitelist.
 *
 * @param prefix what a user gave
 * @param leaseName the one table in statements
 * @param lockName the other
 */
record TableNames(String prefix, String leaseName, String lockName) {

	private static final String LEASE = "lease";

	private static final String LOCK = "lock";

	private static final Pattern PREFIX = Pattern
		.compile("([A-Za-z_][A-Za-z0-9_]{0,39}\\.)?[A-Za-z_][A-Za-z0-9_]{0,39}");

	TableNames {
		if (!PREFIX.matcher(prefix).matches()) {
			throw new IllegalArgumentException("Table prefix '" + prefix + "' is not 1 to 40 ASCII letters, digits or "
					+ "underscores that start with no digit, after an optional schema name of the same form and a dot");
		}
	}

	/** Not looked for yet: wherever a connection finds them. */
	TableNames(String prefix) {
		this(prefix, prefix + LEASE, prefix + LOCK);
	}

	/** The same, where they are. */
	TableNames at(String leaseName, String lockName) {
		return new TableNames(this.prefix, leaseName, lockName);
	}

	String lease() {
		return this.prefix + LEASE;
	}

	String lock() {
		return this.prefix + LOCK;
	}

	/** Both, for messages about a statement that touches both. */
	String both() {
		return lock() + " and " + lease();
	}

	/** The statement with its placeholders replaced. */
	String in(String sql) {
		return sql.replace("{lease}", this.leaseName).replace("{lock}", this.lockName);
	}

}
