package org.crossprocesslock.autoconfigure;

import java.sql.Connection;
import java.sql.Driver;
import java.util.Properties;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ConnectionSettings}.
 */
class ConnectionSettingsTests {

	@ParameterizedTest
	@CsvSource(nullValues = "none", textBlock = """
			jdbc:mysql://host/db                        , connectTimeout, 10000
			jdbc:mysql://host/db                        , socketTimeout , 10000
			jdbc:mysql://host/db?socketTimeout=2000     , socketTimeout , none
			jdbc:mysql://host/db?socketTimeout=2000     , connectTimeout, 10000
			jdbc:mariadb://host/db                      , connectTimeout, 10000
			jdbc:mariadb://host/db?user=u               , socketTimeout , 10000
			jdbc:mariadb://host/db?connectTimeout=500   , connectTimeout, none
			jdbc:postgresql://host/db                   , socketTimeout , 10
			jdbc:h2:mem:db                              , socketTimeout , none
			""")
	void nobodyWaitsLongForAServerThatHasGone(String url, String name, String value) throws Exception {
		Properties used = new Properties();
		Driver driver = mock(Driver.class);
		Connection connection = mock(Connection.class);
		given(driver.connect(eq(url), any())).willAnswer((call) -> {
			used.putAll(call.getArgument(1));
			return connection;
		});
		ConnectionSettings settings = ConnectionSettings.of(url, () -> driver, new Properties(), "user", "secret");
		assertThat(settings.opener().open("user", "secret")).isSameAs(connection);
		assertThat(used.getProperty(name)).isEqualTo(value);
		assertThat(used).containsEntry("user", "user").containsEntry("password", "secret");
	}

	@ParameterizedTest
	@CsvSource({ "connectTimeout,700", "socketTimeout,900" })
	void whatThePoolSaysIsKept(String name, String value) throws Exception {
		Properties ofThePool = new Properties();
		ofThePool.setProperty(name, value);
		Driver driver = mock(Driver.class);
		Connection connection = mock(Connection.class);
		Properties used = new Properties();
		given(driver.connect(any(), any())).willAnswer((call) -> {
			used.putAll(call.getArgument(1));
			return connection;
		});
		ConnectionSettings.of("jdbc:mariadb://host/db", () -> driver, ofThePool, null, null).opener().open(null, null);
		assertThat(used).containsEntry(name, value).doesNotContainKey("user");
	}

}
