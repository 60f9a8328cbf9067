package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

import org.junit.jupiter.api.Tag;

/** Connections to H2. */
@Tag("full")
class H2StoreConnectionsTests extends StoreConnectionsContract {

	@Override
	DataSource newDatabase() {
		return H2JdbcLeaseStoreTests.inMemory();
	}

	@Override
	DataSource anotherDatabase() {
		return H2JdbcLeaseStoreTests.inMemory();
	}

	@Override
	void kill(Connection connection) throws SQLException {
		connection.close();
	}

	@Override
	String settings(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery("""
				select lock_timeout(), setting_value from information_schema.settings
				where setting_name = 'QUERY_TIMEOUT'""")) {
			row.next();
			return row.getString(1) + " " + row.getString(2);
		}
	}

}
