package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.jdbc.LeaseStatements.Survey;
import org.crossprocesslock.lease.jdbc.LeaseStatements.Undo;
import org.jspecify.annotations.Nullable;

/**
 * What is found out about a database once, so that no statement depends on what a
 * connection takes for its default schema later on.
 *
 * @param dialect which statements it understands
 * @param tables where the tables are, or would be created
 * @param reach who else can use it
 * @param condition how the tables are
 */
record FoundDatabase(Dialect dialect, TableNames tables, DatabaseReach reach, JdbcLeaseSchema.Condition condition) {

	/** No lease hangs on a start: long enough for a busy machine or catalog. */
	static final Limits AT_START = Limits.of(Duration.ofMinutes(1));

	private static final int SIGN_OF_LIFE_SECONDS = 5;

	/**
	 * Asks the database, on a connection as the application has it.
	 * @param platform whose dialect to use, {@code null} to go by what the database is
	 * @throws UnsupportedDatabaseException if there are no statements for it
	 * @throws LockStoreException if the database cannot be asked
	 */
	static FoundDatabase of(DataSource dataSource, TableNames tables, @Nullable String platform) {
		try (TimedCall call = new TimedCall(AT_START);
				Openings openings = new Openings(dataSource);
				Connection connection = openings.open(call, AT_START.sending())) {
			return of(connection, tables, platform, call);
		}
		catch (SQLException ex) {
			throw StoreErrors.unreachable(ex);
		}
	}

	private static FoundDatabase of(Connection connection, TableNames tables, @Nullable String platform, TimedCall call)
			throws SQLException {
		Dialect dialect = Dialect.of(connection, platform);
		for (int attempt = 1;; attempt++) {
			try {
				return of(connection, tables, dialect, platform);
			}
			catch (SQLException ex) {
				// another process may be creating the tables just now
				if (ErrorMeaning.of(ex, dialect.errors()) != ErrorMeaning.MADE_WAY
						|| attempt == StoreConnection.ATTEMPTS) {
					throw ex;
				}
				call.pause(attempt);
			}
		}
	}

	private static FoundDatabase of(Connection connection, TableNames tables, Dialect dialect,
			@Nullable String platform) throws SQLException {
		try {
			return ask(connection, tables, dialect, platform);
		}
		catch (SQLException ex) {
			DatabaseMetaData metaData = connection.getMetaData();
			String product = metaData.getDatabaseProductName();
			if (!dialect.isFor(product, metaData.getDatabaseProductVersion())
					&& connection.isValid(SIGN_OF_LIFE_SECONDS)) {
				// it was asked, and does not understand
				throw dialect.isNotFor(product, ex);
			}
			throw ex;
		}
	}

	private static FoundDatabase ask(Connection connection, TableNames tables, Dialect dialect,
			@Nullable String platform) throws SQLException {
		LeaseStatements statements = dialect.statements(tables, AT_START);
		Undo undo = statements.prepare(connection);
		try {
			String version = statements.version(connection);
			LookAlikes.refuse(version);
			if (platform == null && !dialect.isConfirmedBy(version)) {
				throw new UnsupportedDatabaseException(version, Dialect.supported());
			}
			Survey found = statements.survey(connection);
			return new FoundDatabase(dialect, found.tables(), statements.reach(connection), found.condition());
		}
		finally {
			undo.undo();
		}
	}

	/**
	 * Refuses tables in which a key could be there twice.
	 * @throws IllegalStateException if they are
	 */
	FoundDatabase withKeys() {
		if (this.condition.missingKeys().isEmpty()) {
			return this;
		}
		throw new IllegalStateException(
				"A table of cross-process locks would let two processes have the same lock: it lacks its primary key, "
						+ "row locks, a collation that tells all keys apart or a storage that survives a crash. Have its owner run: "
						+ String.join("; ", this.condition.missingKeys()));
	}

	LeaseStatements statements(Limits limits) {
		return this.dialect.statements(this.tables, limits);
	}

}
