package org.crossprocesslock.servers;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Locale;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Both drivers reach each server that can be had here. */
class TestServerTests {

	@ParameterizedTest
	@EnumSource
	void bothDriversConnect(TestServer server) throws Exception {
		Assumptions.assumeTrue(server.absence().isEmpty(), () -> String.valueOf(server.absence()));
		for (JdbcDriver driver : JdbcDriver.values()) {
			try (Connection connection = JdbcDriver.dataSource(server.newDatabase(driver)).getConnection();
					Statement statement = connection.createStatement();
					ResultSet row = statement.executeQuery("select version()")) {
				row.next();
				assertThat(row.getString(1)).startsWith(server.name().split("_", 2)[1].replace('_', '.') + ".")
					.satisfies((version) -> assertThat(version.toLowerCase(Locale.ROOT).contains("mariadb"))
						.isEqualTo(server != TestServer.MYSQL_8_0));
			}
		}
	}

}
