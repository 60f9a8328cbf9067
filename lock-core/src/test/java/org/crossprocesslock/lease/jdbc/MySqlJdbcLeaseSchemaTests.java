package org.crossprocesslock.lease.jdbc;

import javax.sql.DataSource;

import org.crossprocesslock.servers.JdbcDriver;
import org.crossprocesslock.servers.ServerAccess;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables in MySQL and MariaDB. */
@Tag("full")
@ParameterizedClass
@MethodSource("org.crossprocesslock.servers.ServerAccess#all")
class MySqlJdbcLeaseSchemaTests extends JdbcLeaseSchemaContract {

	private final String url;

	MySqlJdbcLeaseSchemaTests(ServerAccess access) {
		this.url = access.newUrl();
	}

	@Override
	DataSource database() {
		return JdbcDriver.dataSource(this.url);
	}

	/** Statements name the primary key, whatever else there is. */
	@Override
	boolean uniqueIndexDoes() {
		return false;
	}

	/**
	 * Users are those of the server; without any right in a database none may enter it.
	 */
	@Override
	DataSource withoutRights() {
		execute("create user if not exists guest identified by 'guest'");
		execute("grant lock tables on " + ServerAccess.database(this.url) + ".* to guest");
		return JdbcDriver.dataSource(
				this.url.replaceFirst("user=[a-z]+", "user=guest").replaceFirst("password=[a-z]+", "password=guest"));
	}

}
