package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.postgresql.ds.PGSimpleDataSource;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** PostgreSQL in a container. */
final class PostgresContainer extends PostgreSQLContainer {

	PostgresContainer() {
		super("postgres:18-alpine");
	}

	DataSource dataSource() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(getJdbcUrl());
		dataSource.setUser(getUsername());
		dataSource.setPassword(getPassword());
		return dataSource;
	}

}
