package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.crossprocesslock.servers.JdbcDriver;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.TestServer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Where the tables are in MySQL and MariaDB, where a schema is a database. */
@Tag("full")
@ParameterizedClass
@MethodSource("org.crossprocesslock.servers.ServerAccess#all")
class MySqlTablesPlaceTests extends TablesPlaceContract {

	private final ServerAccess access;

	private final String url;

	MySqlTablesPlaceTests(ServerAccess access) {
		this.access = access;
		// a script is several statements
		this.url = access.newUrl() + "&allowMultiQueries=true";
	}

	@BeforeEach
	void createPublicSchema() throws SQLException {
		try (Connection connection = JdbcDriver.dataSource(this.url).getConnection()) {
			for (String schema : new String[] { "public", "app", "tenant" }) {
				execute(connection, "drop database if exists " + schema);
			}
			execute(connection, "create database public");
		}
	}

	@Override
	DataSource database() {
		return JdbcDriver.dataSource(this.url.replaceFirst("/test_[0-9]+", "/public"));
	}

	@Override
	String use(String schema) {
		return "use " + schema;
	}

	@Override
	String dialect() {
		return (this.access.server() == TestServer.MYSQL_8_0) ? "mysql" : "mariadb";
	}

}
