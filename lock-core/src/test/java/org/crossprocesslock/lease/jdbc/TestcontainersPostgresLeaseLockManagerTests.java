package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.junit.jupiter.api.Tag;
import org.postgresql.ds.PGSimpleDataSource;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** The contract on the PostgreSQL image, where a Docker engine answers. */
@Tag("full")
@Testcontainers(disabledWithoutDocker = true)
class TestcontainersPostgresLeaseLockManagerTests extends JdbcLeaseLockManagerContract {

	@Container
	private static final PostgreSQLContainer POSTGRES = new PostgreSQLContainer("postgres:18-alpine");

	@Override
	DataSource database() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(POSTGRES.getJdbcUrl());
		dataSource.setUser(POSTGRES.getUsername());
		dataSource.setPassword(POSTGRES.getPassword());
		return dataSource;
	}

}
