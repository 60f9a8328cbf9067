package org.crossprocesslock.lease.jdbc;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.sql.DataSource;

import org.crossprocesslock.servers.ServerAccess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract with other drivers and versions of MySQL and MariaDB. */
@Tag("full")
@ParameterizedClass
@MethodSource("org.crossprocesslock.servers.ServerAccess#others")
class OtherServersLeaseLockManagerTests extends JdbcLeaseLockManagerContract {

	private static final Map<ServerAccess, DataSource> databases = new ConcurrentHashMap<>();

	private final DataSource database;

	OtherServersLeaseLockManagerTests(ServerAccess access) {
		this.database = databases.computeIfAbsent(access, ServerAccess::newDatabase);
	}

	@Override
	DataSource database() {
		return this.database;
	}

}
