package org.crossprocesslock.benchmarks.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/**
 * Counts the statements that arrive in one database: those that read or write rows, not
 * what begins, ends and sets up transactions.
 */
public final class StatementCounter {

	static final Map<String, String> SETTINGS = Map.of("shared_preload_libraries", "pg_stat_statements",
			"pg_stat_statements.track_utility", "off");

	private static final String COUNT = """
			select coalesce(sum(calls), 0) from pg_stat_statements
			where dbid = (select oid from pg_database where datname = ?)""";

	private final Database administration;

	private final String database;

	/**
	 * Counts in one database of a server that was started for counting.
	 * @param server the server
	 * @param database the database
	 */
	public StatementCounter(BenchmarkServer server, Database database) throws SQLException {
		this.administration = server.administration();
		this.database = database.name();
		this.administration.execute("create extension if not exists pg_stat_statements");
	}

	/** How many statements there have been. */
	public long count() throws SQLException {
		try (Connection connection = this.administration.unpooled().getConnection();
				PreparedStatement statement = connection.prepareStatement(COUNT)) {
			statement.setString(1, this.database);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getLong(1);
			}
		}
	}

}
