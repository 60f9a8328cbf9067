package org.crossprocesslock.processes;

import javax.sql.DataSource;

import org.crossprocesslock.lease.jdbc.JdbcLeaseSchema;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.h2.jdbcx.JdbcDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What processes need to meet in a database: its URL.
 *
 * @param url a JDBC URL of H2 or PostgreSQL with all that is needed to connect
 */
record TestDatabase(String url) {

	/** An unpooled DataSource. */
	DataSource dataSource() {
		if (isH2()) {
			JdbcDataSource dataSource = new JdbcDataSource();
			dataSource.setURL(this.url);
			return dataSource;
		}
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(this.url);
		return dataSource;
	}

	/** The dialect: to ask the database for it may take too long on a busy machine. */
	String dialect() {
		return isH2() ? "h2" : "postgresql";
	}

	private boolean isH2() {
		return this.url.startsWith("jdbc:h2:");
	}

	/** Creates the tables unless another process was faster. */
	void createTables() {
		JdbcLeaseSchema.of(dataSource(), JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

}
