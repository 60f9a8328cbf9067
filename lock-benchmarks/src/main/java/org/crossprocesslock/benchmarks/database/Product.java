package org.crossprocesslock.benchmarks.database;

import java.util.Set;

/** On what can be measured. */
public enum Product {

	/** The one with all scenarios. */
	POSTGRESQL("PostgreSQL"),

	/** With the scenarios that need nothing of PostgreSQL. */
	MARIADB("MariaDB"),

	/** As MariaDB. */
	MYSQL("MySQL");

	private final String title;

	Product(String title) {
		this.title = title;
	}

	/** For people. */
	public String title() {
		return this.title;
	}

	/**
	 * What its commits can be made to wait for. Only PostgreSQL has a setting that makes
	 * them slower.
	 */
	public Set<Flush> flushes() {
		return (this == POSTGRESQL) ? Set.of(Flush.values()) : Set.of(Flush.DISK);
	}

}
