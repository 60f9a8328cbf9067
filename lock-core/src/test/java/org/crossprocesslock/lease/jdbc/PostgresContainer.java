package org.crossprocesslock.lease.jdbc;

import java.util.Map;

import javax.sql.DataSource;

import org.postgresql.ds.PGSimpleDataSource;
import org.testcontainers.postgresql.PostgreSQLContainer;

/**
 * PostgreSQL in a container. Its files are in memory: the kernel makes a container wait
 * for seconds where the disk is slow and others write, which is longer than the limits of
 * the statements that are tested.
 */
final class PostgresContainer extends PostgreSQLContainer {

	PostgresContainer() {
		super("postgres:18-alpine");
		withTmpFs(Map.of("/var/lib/postgresql", "rw"));
	}

	DataSource dataSource() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(getJdbcUrl());
		dataSource.setUser(getUsername());
		dataSource.setPassword(getPassword());
		return dataSource;
	}

}
