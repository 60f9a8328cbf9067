package org.crossprocesslock.lease.jdbc;

import java.nio.file.Path;

import javax.sql.DataSource;

import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** The contract on an H2 file in a database that ignores case. */
@Tag("full")
class H2FileJdbcLeaseStoreTests extends H2JdbcLeaseStoreTests {

	private final Path directory;

	H2FileJdbcLeaseStoreTests(@TempDir Path directory) {
		this.directory = directory;
	}

	@Override
	DataSource database() {
		JdbcDataSource dataSource = new JdbcDataSource();
		dataSource.setURL("jdbc:h2:file:" + this.directory.resolve("locks") + ";IGNORECASE=TRUE");
		return dataSource;
	}

}
