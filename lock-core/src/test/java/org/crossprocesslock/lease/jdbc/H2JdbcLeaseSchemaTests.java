package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;

/** The tables in H2. */
class H2JdbcLeaseSchemaTests extends JdbcLeaseSchemaContract {

	private final JdbcDataSource database = H2JdbcLeaseStoreTests.inMemory();

	@Override
	DataSource database() {
		return this.database;
	}

	@Override
	DataSource withoutRights() {
		execute("create user guest password 'guest'");
		JdbcDataSource guest = new JdbcDataSource();
		// settings in the URL are for administrators
		guest.setURL(this.database.getURL().replaceFirst(";.*", ""));
		guest.setUser("guest");
		guest.setPassword("guest");
		return guest;
	}

}
