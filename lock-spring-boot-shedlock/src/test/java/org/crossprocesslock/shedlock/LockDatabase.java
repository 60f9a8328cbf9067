package org.crossprocesslock.shedlock;

import java.util.UUID;

import javax.sql.DataSource;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;

import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A database with the tables of this library and that of ShedLock.
 */
final class LockDatabase {

	final DataSource dataSource = new DriverManagerDataSource(
			"jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");

	LockDatabase() {
		JdbcLeaseSchema.of(this.dataSource, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
		new JdbcTemplate(this.dataSource).execute("create table shedlock (name varchar(64) primary key, "
				+ "lock_until timestamp(3), locked_at timestamp(3), locked_by varchar(255))");
	}

	/** One that has a lease of its own. */
	LockManager process(String label) {
		return new LeaseLockManager(JdbcLeaseStore.builder(this.dataSource).ownConnections(this.dataSource).build(),
				LeaseOptions.defaults(), label, new LockListener() {
				});
	}

}
