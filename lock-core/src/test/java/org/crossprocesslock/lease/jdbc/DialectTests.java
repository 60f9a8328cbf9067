package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;

import javax.sql.DataSource;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DialectTests {

	private static DataSource product(String name) {
		DatabaseMetaData metaData = proxy(DatabaseMetaData.class, name);
		Connection connection = proxy(Connection.class, metaData);
		return DataSources.of(() -> connection);
	}

	private static <T> T proxy(Class<T> type, Object answer) {
		return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
				(proxy, method, arguments) -> (method.getReturnType() != void.class) ? answer : null));
	}

	@Test
	void unknownProductIsRefusedWithWhatThereIs() {
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseStore.builder(product("MariaDB")).build())
			.withMessageContaining("'MariaDB'")
			.withMessageContaining("h2, postgresql")
			.withMessageContaining("cross-process-lock.jdbc.dialect")
			.satisfies((ex) -> {
				assertThat(ex.getProduct()).isEqualTo("MariaDB");
				assertThat(ex.getSupported()).containsExactly("h2", "postgresql");
			});
	}

	@Test
	void unknownDialectIsRefused() {
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseSchema.of(product("H2"), "p_", "oracle"))
			.satisfies((ex) -> assertThat(ex.getProduct()).isEqualTo("oracle"));
	}

	@Test
	void chosenDialectIsTakenWhateverTheProduct() {
		assertThat(JdbcLeaseSchema.of(product("YugabyteDB"), "p_", "postgresql").ddl()).contains("fillfactor");
		JdbcLeaseStore.builder(product("YugabyteDB")).dialect("postgresql").build().close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "1a", "a-b", "a b", "a;drop table x", "a.b.c", ".a", "a.", "\"a\"", "ä",
			"a23456789012345678901234567890123456789012" })
	void prefixThatIsNoPlainNameIsRefused(String prefix) {
		assertThatIllegalArgumentException().isThrownBy(() -> JdbcLeaseStore.builder(product("H2")).tablePrefix(prefix))
			.withMessageContaining("'" + prefix + "'")
			.withMessageContaining("1 to 40");
	}

	@ParameterizedTest
	@ValueSource(strings = { "a", "_", "app_", "App1_", "schema.app_" })
	void plainPrefixIsTaken(String prefix) {
		assertThat(JdbcLeaseSchema.of(product("H2"), prefix, null).ddl()).contains(" " + prefix + "lock");
	}

}
