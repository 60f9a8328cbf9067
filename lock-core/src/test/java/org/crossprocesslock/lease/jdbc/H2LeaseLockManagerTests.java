package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

/** The contract on H2 in memory. */
class H2LeaseLockManagerTests extends JdbcLeaseLockManagerContract {

	private static final DataSource DATABASE = H2JdbcLeaseStoreTests.inMemory();

	@Override
	DataSource database() {
		return DATABASE;
	}

}
