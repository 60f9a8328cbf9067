package org.crossprocesslock.faults;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.servers.JdbcDriver;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database server of the battery's own, with what can go wrong in it. What this process
 * asks goes there directly, past every proxy. Used by one thread at a time.
 */
abstract class BatteryDatabase implements AutoCloseable {

	static final String LEASES = JdbcLeaseStore.DEFAULT_TABLE_PREFIX + "lease";

	static final String LOCKS = JdbcLeaseStore.DEFAULT_TABLE_PREFIX + "lock";

	/** One row that fails or dawdles in this many. */
	static final double MISHAP_RATE = 0.6;

	/** Longer, at its longest, than the database may work on a statement. */
	static final Duration DAWDLING = Assignment.LEASE.dividedBy(2);

	static final String SERIALIZATION_FAILURE = "40001";

	/** An unpooled DataSource of a URL. */
	static DataSource dataSource(String url) {
		if (url.startsWith("jdbc:h2:")) {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setURL(url);
			return dataSource;
		}
		if (url.startsWith("jdbc:postgresql:")) {
			PGSimpleDataSource dataSource = new PGSimpleDataSource();
			dataSource.setUrl(url);
			return dataSource;
		}
		return JdbcDriver.dataSource(url);
	}

	abstract String dialect();

	/** The port of the server, the same in each of its lives. */
	abstract int port();

	/** The URL of the database, reached through the port. */
	abstract String url(int port);

	/** Ends the server in the middle of whatever it does. */
	abstract void stop() throws Exception;

	/** Starts the server again and waits until it answers. */
	abstract void start() throws Exception;

	/** Locks every row that processes change; the rest of the work goes on. */
	abstract Remedy lockTables() throws SQLException;

	/** Takes the tables away as far as others can see. */
	abstract Remedy dropTables() throws SQLException;

	/** SQL that makes writing to the table take too long now and then. */
	abstract List<String> dawdle(String table);

	/** SQL that makes writing to the table fail for the sake of others now and then. */
	abstract List<String> failToSerialize(String table);

	/** Counts the sessions of others. */
	abstract int sessions() throws SQLException;

	/** For this process: past the proxies, and ready to wait for the locks of others. */
	DataSource direct() {
		return dataSource(url(port()));
	}

	final void createTables() {
		JdbcLeaseSchema.of(direct(), JdbcLeaseStore.DEFAULT_TABLE_PREFIX, dialect()).createIfMissing();
	}

	final Remedy renameTables() throws SQLException {
		execute(List.of(rename(LEASES, "hidden_lease"), rename(LOCKS, "hidden_lock")));
		return () -> execute(List.of(rename("hidden_lease", LEASES), rename("hidden_lock", LOCKS)));
	}

	private static String rename(String table, String name) {
		return "alter table " + table + " rename to " + name;
	}

	final Remedy slowStatements() throws SQLException {
		execute(dawdle(LEASES));
		execute(dawdle(LOCKS));
		return this::dropMishaps;
	}

	final Remedy serializationFailures() throws SQLException {
		execute(failToSerialize(LEASES));
		execute(failToSerialize(LOCKS));
		return this::dropMishaps;
	}

	/** The trigger of the table that makes a mishap. */
	static String trigger(String table) {
		return "mishap_" + table;
	}

	/** SQL that takes the mishaps of the table away. */
	abstract List<String> dropMishap(String table);

	private void dropMishaps() throws SQLException {
		execute(dropMishap(LEASES));
		execute(dropMishap(LOCKS));
	}

	/** Who has a lease row, one name for each. */
	final List<String> holders() throws SQLException {
		return texts("select holder from " + LEASES + " order by holder");
	}

	/** The keys whose row carries a lease that exists. */
	final List<String> keysUnderALease() throws SQLException {
		return texts("select lock_key from " + LOCKS + " l join " + LEASES + " s on s.lease_id = l.lease_id");
	}

	final void execute(List<String> statements) throws SQLException {
		try (Connection connection = direct().getConnection(); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	/** Executes in a transaction that stays open until the remedy. */
	final Remedy begin(List<String> statements) throws SQLException {
		Connection connection = direct().getConnection();
		try (Statement statement = connection.createStatement()) {
			connection.setAutoCommit(false);
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
		catch (SQLException ex) {
			connection.close();
			throw ex;
		}
		return () -> {
			try (connection) {
				connection.rollback();
			}
		};
	}

	final List<String> texts(String sql) throws SQLException {
		List<String> found = new ArrayList<>();
		try (Connection connection = direct().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				found.add(row.getString(1));
			}
		}
		return found;
	}

	@Override
	public abstract void close() throws Exception;

}
