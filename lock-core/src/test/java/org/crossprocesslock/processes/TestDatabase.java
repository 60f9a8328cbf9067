package org.crossprocesslock.processes;

import javax.sql.DataSource;

import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.servers.JdbcDriver;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What processes need to meet in a database: its URL.
 *
 * @param url a JDBC URL with all that is needed to connect
 */
record TestDatabase(String url) {

	/** An unpooled DataSource. */
	DataSource dataSource() {
		if (dialect().equals("h2")) {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setURL(this.url);
			return dataSource;
		}
		if (dialect().equals("postgresql")) {
			PGSimpleDataSource dataSource = new PGSimpleDataSource();
			dataSource.setUrl(this.url);
			return dataSource;
		}
		return JdbcDriver.dataSource(this.url);
	}

	/**
	 * The dialect, after its own driver: to ask the database for it may take too long on
	 * a busy machine.
	 */
	String dialect() {
		return this.url.split(":", -1)[1];
	}

	/** Creates the tables unless another process was faster. */
	void createTables() {
		JdbcLeaseSchema.of(dataSource(), JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

}
