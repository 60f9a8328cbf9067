package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import org.postgresql.PGConnection;

/** Connections to PostgreSQL. */
class PostgresStoreConnectionsTests extends StoreConnectionsContract {

	private static final DataSource DATABASE = EmbeddedPostgresServer.newDatabase();

	@Override
	DataSource newDatabase() {
		return DATABASE;
	}

	@Override
	DataSource anotherDatabase() {
		return EmbeddedPostgresServer.newDatabase();
	}

	@Override
	void kill(Connection connection) throws SQLException {
		try (Connection other = DATABASE.getConnection(); Statement statement = other.createStatement()) {
			statement.execute(
					"select pg_terminate_backend(" + connection.unwrap(PGConnection.class).getBackendPID() + ", 5000)");
		}
	}

	@Override
	String settings(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery("""
				select current_setting('statement_timeout'), current_setting('lock_timeout'),
				current_setting('default_transaction_isolation')""")) {
			row.next();
			return row.getString(1) + " " + row.getString(2) + " " + row.getString(3);
		}
	}

}
