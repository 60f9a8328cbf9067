package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tables of a {@link JdbcLeaseStore} and creates them. Borrows a connection for
 * each call, never takes part in a transaction of its caller, blocks on I/O for half a
 * minute at most. Safe for use by one thread at a time, and by several processes at once.
 *
 * @since 0.1.0
 */
public final class JdbcLeaseSchema {

	/** How often creating is tried against other processes that do the same. */
	private static final int ATTEMPTS = 5;

	private final DataSource dataSource;

	private final FoundDatabase database;

	/** Made when something is asked anew. */
	private @Nullable LeaseStatements statements;

	private JdbcLeaseSchema(DataSource dataSource, FoundDatabase database) {
		this.dataSource = dataSource;
		this.database = database;
	}

	private LeaseStatements statements() {
		LeaseStatements present = this.statements;
		if (present == null) {
			present = this.database.statements(FoundDatabase.AT_START);
			this.statements = present;
		}
		return present;
	}

	/**
	 * The schema in one database. Connects once, to find out which database it is and in
	 * which schema of it the tables are: where an unqualified name leads on a connection
	 * of the DataSource. If they are missing, where it would create them.
	 * @param dataSource the database
	 * @param tablePrefix as {@link JdbcLeaseStore.Builder#tablePrefix} takes it
	 * @param platform as {@link JdbcLeaseStore.Builder#platform} takes it
	 * @return the schema
	 * @throws IllegalArgumentException if the prefix is not allowed
	 * @throws UnsupportedDatabaseException if there is no DDL for the database or no such
	 * platform
	 * @throws LockStoreException if the database cannot be reached
	 */
	public static JdbcLeaseSchema of(DataSource dataSource, String tablePrefix, @Nullable String platform) {
		return new JdbcLeaseSchema(dataSource, FoundDatabase.of(dataSource, new TableNames(tablePrefix), platform));
	}

	/**
	 * The state of the tables.
	 *
	 * @param missingGrants as {@link JdbcLeaseSchema#missingGrants()} says
	 * @param exists as {@link JdbcLeaseSchema#exists()} says; {@code false} while a grant
	 * is missing, since it is then unknown
	 * @param missingKeys as {@link JdbcLeaseSchema#missingKeys()} says
	 * @since 0.1.0
	 */
	public record Condition(List<String> missingGrants, boolean exists, List<String> missingKeys) {

	}

	/**
	 * The state of the tables when this object was created, on the same connection. The
	 * other methods query the database again.
	 * @return their state then
	 */
	public Condition condition() {
		return this.database.condition();
	}

	/**
	 * Whether both tables can be read with all their columns, found out by reading them.
	 * @return {@code false} if a table, one of its columns or the schema is missing
	 * @throws LockStoreException if it is not known, for example for lack of rights
	 */
	public boolean exists() {
		return call("find the tables", (session) -> probe(session) == null);
	}

	/**
	 * What the user of the DataSource must be granted: each right on the tables that a
	 * {@link JdbcLeaseStore} or a {@link CommitFence} ever needs. Writes nothing. Says
	 * nothing of tables that are missing.
	 * @return the statements to be run by the owner of the tables, empty if nothing lacks
	 * @throws LockStoreException if it is not known
	 */
	public List<String> missingGrants() {
		return call("check the rights on tables", (session) -> session.run(statements()::missingGrants));
	}

	/**
	 * The primary keys that the tables lack: without them two processes could have the
	 * same lock. Any unique index of that column alone will do. On MySQL and MariaDB also
	 * an engine that locks rows, and a collation that tells apart what differs in case or
	 * in blanks at the end; on PostgreSQL that they are neither unlogged nor temporary.
	 * Says nothing of tables that are missing.
	 * @return the statements that mend it, to be run by the owner of the tables, empty if
	 * nothing lacks
	 * @throws LockStoreException if it is not known
	 */
	public List<String> missingKeys() {
		return call("check what keeps keys apart in tables", (session) -> session.run(this::missingKeys));
	}

	/**
	 * Creates the tables unless they exist. Succeeds in each of several processes that do
	 * so at once.
	 * @throws LockStoreException if they do not exist afterwards; permanent for lack of
	 * rights and if a table exists that lacks columns
	 */
	public void createIfMissing() {
		call("create tables", (session) -> {
			SQLException problem = probe(session);
			for (int attempt = 1; problem != null; attempt++) {
				SQLException refusal = create(session);
				problem = probe(session);
				if (problem != null && attempt == ATTEMPTS) {
					throw (refusal != null) ? refusal : problem;
				}
			}
			return true;
		});
	}

	/**
	 * The statements that create the tables.
	 * @return DDL for a human or a migration tool, with the names as the prefix gives
	 * them
	 */
	public String ddl() {
		TableNames tables = this.database.tables();
		return this.database.dialect().ddl(tables.lease(), tables.lock());
	}

	/** What was found out, so that nobody needs to ask again. */
	FoundDatabase database() {
		return this.database;
	}

	/** What is missing, or nothing. */
	private @Nullable SQLException probe(StoreConnection.Session session) throws SQLException {
		try {
			session.run((connection) -> {
				statements().probe(connection);
				return true;
			});
			return null;
		}
		catch (SQLException ex) {
			if (statements().isMissing(ex)) {
				return ex;
			}
			throw ex;
		}
	}

	/**
	 * Tries to create the tables. A refusal may only mean that another process was
	 * faster: "if not exists" can fail where two create a table at once.
	 */
	private @Nullable SQLException create(StoreConnection.Session session) throws SQLException {
		try {
			for (String statement : creating()) {
				session.run((connection) -> statements().update(connection, statement));
			}
			return null;
		}
		catch (SQLException ex) {
			return ex;
		}
	}

	private List<String> creating() {
		TableNames tables = this.database.tables();
		String script = this.database.dialect().ddl(tables.leaseName(), tables.lockName());
		return Arrays.stream(script.split(";")).map(String::strip).filter((sql) -> !sql.isEmpty()).toList();
	}

	private List<String> missingKeys(Connection connection) throws SQLException {
		return statements().missingKeys(connection, this.database.tables());
	}

	private <T> T call(String attempt, StoreConnection.Work<T> work) {
		try (StoreConnections connections = StoreConnections.borrowing(this.dataSource, statements(),
				FoundDatabase.AT_START)) {
			return connections.forKeys(() -> attempt, this.database.tables().both(), work);
		}
	}

}
