package org.crossprocesslock.benchmarks.contender;

import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.database.Product;
import org.jspecify.annotations.Nullable;

/** What can take part. */
public enum Library {

	/** This library. */
	CROSSPROCESSLOCK("crossprocesslock", Role.SUBJECT, CrossProcessLocks::new, CrossProcessLocks::createTables,
			CrossProcessLocks.IDLE_ROWS),

	/** ShedLock, which is asked again until it grants. */
	SHEDLOCK("ShedLock", Role.PEER, (database, terms, properties) -> new ShedLocks(database, terms),
			(database) -> database.execute(ShedLocks.ddl(database.product())), ShedLocks.IDLE_ROWS),

	/** Spring Integration, which deletes the row of a key that is released. */
	SPRING_INTEGRATION("Spring Integration", Role.PEER,
			(database, terms, properties) -> new SpringIntegrationLocks(database, terms),
			(database) -> database.execute(SpringIntegrationLocks.ddl(database.product())), null),

	/** Two bare statements: what a lock in a table costs at least without a trick. */
	STATEMENTS("bare statements", Role.BASE, (database, terms, properties) -> StatementLocks.on(database, terms),
			(database) -> database.execute(StatementLocks.ddl(database.product())), StatementLocks.IDLE_ROWS),

	/** What a token and never to wait for a row cost at least on MariaDB. */
	FENCED_STATEMENTS("bare fenced statements", Role.FLOOR,
			(database, terms, properties) -> new FencedStatementLocks(database),
			(database) -> database.execute(FencedStatementLocks.DDL), null),

	/** The two statements and a notification: how soon a waiter can know at best. */
	NOTIFYING_STATEMENTS("bare notify and acquire", Role.LIMIT,
			(database, terms, properties) -> new NotifyingLocks(database, terms),
			(database) -> database.execute(StatementLocks.ddl(database.product())), null);

	/** What a library is in the comparison. */
	public enum Role {

		/** Whose speed is in question. */
		SUBJECT,

		/** Another library. */
		PEER,

		/** What the others are compared with. */
		BASE,

		/** Statements that give what the subject gives. */
		FLOOR,

		/** What nobody can be expected to beat. */
		LIMIT

	}

	private final String title;

	private final Role role;

	@SuppressWarnings("ImmutableEnumChecker") // references to constructors and methods
	private final Opener opener;

	@SuppressWarnings("ImmutableEnumChecker") // references to constructors and methods
	private final Schema schema;

	private final @Nullable String idleRows;

	Library(String title, Role role, Opener opener, Schema schema, @Nullable String idleRows) {
		this.title = title;
		this.role = role;
		this.opener = opener;
		this.schema = schema;
		this.idleRows = idleRows;
	}

	/** For people. */
	public String title() {
		return this.title;
	}

	/** What it is in the comparison. */
	public Role role() {
		return this.role;
	}

	/** Whether the database has what it needs. Only PostgreSQL notifies. */
	public boolean runsOn(Product product) {
		return switch (this) {
			case NOTIFYING_STATEMENTS -> product == Product.POSTGRESQL;
			case FENCED_STATEMENTS -> product == Product.MARIADB;
			default -> true;
		};
	}

	Locks open(Database database, Terms terms, Map<String, String> properties) {
		return this.opener.open(database, terms, properties);
	}

	/** Creates its tables in a new database. */
	public void createTables(Database database) throws SQLException {
		this.schema.create(database);
	}

	/**
	 * The statement that inserts rows of keys nobody holds, {@code idle-1} to
	 * {@code idle-%d}, into PostgreSQL, if a released key leaves a row.
	 */
	public Optional<String> idleRows() {
		return Optional.ofNullable(this.idleRows);
	}

	/** Starts a library in this process. */
	private interface Opener {

		Locks open(Database database, Terms terms, Map<String, String> properties);

	}

	/** Creates the tables of a library. */
	private interface Schema {

		void create(Database database) throws SQLException;

	}

}
