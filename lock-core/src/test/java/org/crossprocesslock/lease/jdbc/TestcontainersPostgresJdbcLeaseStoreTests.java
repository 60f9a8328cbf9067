package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.junit.jupiter.api.Tag;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/** The contract on the PostgreSQL image, where a Docker engine answers. */
@Tag("full")
@Testcontainers(disabledWithoutDocker = true)
class TestcontainersPostgresJdbcLeaseStoreTests extends PostgresJdbcLeaseStoreContract {

	@Container
	private static final PostgresContainer POSTGRES = new PostgresContainer();

	@Override
	DataSource database() {
		return POSTGRES.dataSource();
	}

}
