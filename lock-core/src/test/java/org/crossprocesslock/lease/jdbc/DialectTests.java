package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BinaryOperator;

import javax.sql.DataSource;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.crossprocesslock.LockStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

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
			.isThrownBy(() -> JdbcLeaseStore.builder(product("Oracle")).build())
			.withMessageContaining("'Oracle'")
			.withMessageContaining("h2, postgresql, mysql, mariadb")
			.withMessageContaining("cross-process-lock.jdbc.platform")
			.satisfies((ex) -> {
				assertThat(ex.getProduct()).isEqualTo("Oracle");
				assertThat(ex.getSupported()).containsExactly("h2", "postgresql", "mysql", "mariadb");
			});
	}

	@Test
	void unknownDialectIsRefused() {
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseSchema.of(product("H2"), "p_", "oracle"))
			.withMessageContaining("no platform 'oracle'")
			.satisfies((ex) -> assertThat(ex.getProduct()).isEqualTo("oracle"));
	}

	@Test
	void dialectOfAnotherDatabaseIsRefused() {
		DataSource h2 = H2JdbcLeaseStoreTests.inMemory();
		DataSource postgres = EmbeddedPostgresServer.newDatabase();
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseSchema.of(h2, "p_", "postgresql"))
			.withMessageContaining(
					"says that it is 'H2', but cross-process-lock.jdbc.platform=postgresql is for PostgreSQL")
			.withMessageContaining("Remove the property");
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseStore.builder(postgres).platform("h2").build())
			.withMessageContaining("says that it is 'PostgreSQL', but cross-process-lock.jdbc.platform=h2 is for H2");
	}

	@Test
	void dialectThatAnUnknownDatabaseDoesNotUnderstandIsRefused() {
		DataSource h2 = H2JdbcLeaseStoreTests.inMemory();
		DataSource renamed = DataSources.of(() -> named("Another Product", h2.getConnection()));
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseStore.builder(renamed).platform("postgresql").build())
			.withMessageContaining("says that it is 'Another Product'")
			.withMessageContaining("has refused a statement: ")
			.withCauseInstanceOf(SQLException.class);
	}

	@Test
	void connectionThatIsDeadSaysNothingAboutTheDialect() {
		DataSource h2 = H2JdbcLeaseStoreTests.inMemory();
		DataSource dead = DataSources.of(() -> delegate(Connection.class, named("Another Product", h2.getConnection()),
				(method, answer) -> method.equals("isValid") ? false : answer));
		assertThatExceptionOfType(LockStoreException.class)
			.isThrownBy(() -> JdbcLeaseStore.builder(dead).platform("postgresql").build())
			.withMessageContaining("Could not connect");
	}

	@Test
	void chosenDialectIsTakenWhateverTheDriverSays() {
		DataSource database = H2JdbcLeaseStoreTests.inMemory();
		DataSource renamed = DataSources.of(() -> named("Another Product", database.getConnection()));
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseStore.builder(renamed).build())
			.withMessageContaining("'Another Product'");
		assertThat(JdbcLeaseSchema.of(renamed, "p_", "h2").exists()).isFalse();
		JdbcLeaseStore.builder(renamed).platform("h2").build().close();
	}

	private static Connection named(String product, Connection target) {
		return delegate(Connection.class, target,
				(method, answer) -> (answer instanceof DatabaseMetaData metaData) ? delegate(DatabaseMetaData.class,
						metaData, (asked, told) -> asked.equals("getDatabaseProductName") ? product : told) : answer);
	}

	private static <T> T delegate(Class<T> type, T target, BinaryOperator<Object> change) {
		return type
			.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, (proxy, method, arguments) -> {
				try {
					return change.apply(method.getName(), method.invoke(target, arguments));
				}
				catch (InvocationTargetException ex) {
					throw ex.getTargetException();
				}
			}));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			CockroachDB       | CockroachDB CCL v24.3.1 (x86_64-pc-linux-gnu, built 2024/12/04 18:14:49, go1.22.8)
			YugabyteDB        | PostgreSQL 15.12-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang, 64-bit
			YugabyteDB        | PostgreSQL 11.2-YB-2.20.1.3-b0 on aarch64-unknown-linux-gnu, compiled by clang, 64-bit
			Amazon Redshift   | PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc 3.4.2, Redshift 1.0.61678
			Greenplum         | PostgreSQL 12.12 (Greenplum Database 7.1.0 build commit:e7c2b1f) on x86_64, 64-bit
			Apache Cloudberry | PostgreSQL 14.4 (Apache Cloudberry 2.0.0 build dev) on x86_64-pc-linux-gnu, 64-bit
			openGauss         | (openGauss 5.0.0 build a07d57c3) compiled at 2023-03-29 03:37:13 commit 0 last mr
			openGauss         | PostgreSQL 9.2.4 (GaussDB Kernel V500R002C00 build 12b8e7e9) compiled at 2022-01-01
			Materialize       | PostgreSQL 9.5.0 on x86_64-unknown-linux-gnu (Materialize v0.130.1)
			RisingWave        | PostgreSQL 13.14.0-RisingWave-2.1.0 (5a7a16f)
			CrateDB           | CrateDB 5.9.5 (built 1a2b3c4/2024-12-03T09:00:00Z, Linux 6.1 amd64, OpenJDK 22)
			QuestDB           | PostgreSQL 12.3, compiled by Visual C++ build 1914, 64-bit, QuestDB
			CedarDB           | PostgreSQL 16.3 compatible CedarDB v2025-01-01
			TiDB              | MySQL 8.0.11-TiDB-v8.5.6
			Galera clusters   | MariaDB 11.4.5-MariaDB, Debian 12 as a Galera cluster
			groups of MySQL   | MySQL 8.0.31, MySQL Community Server - GPL as a group with several primaries
			StarRocks         | MySQL 8.0.33, StarRocks version 3.3.5
			Apache Doris      | MySQL 5.7.99, Doris version doris-2.1.7
			SingleStore       | MySQL 5.7.32, SingleStoreDB source distribution (compatible)
			Vitess            | MySQL 8.0.30-Vitess
			Vitess            | MySQL 8.0.23-vitess
			OceanBase         | MySQL 5.7.25-OceanBase-v4.2.1.0
			Dolt              | PostgreSQL 15.5 Doltgres
			H2                | PostgreSQL 8.2.23 server protocol using H2 2.4.240 (2025-09-22)
			""")
	void lookAlikeIsRefusedByItsName(String product, String version) {
		assertThatExceptionOfType(UnsupportedDatabaseException.class).isThrownBy(() -> LookAlikes.refuse(version))
			.withMessageContaining("do not support " + product)
			.withMessageContaining(version)
			.withMessageContaining("Choosing a platform does not change that")
			.satisfies((ex) -> assertThat(ex.getProduct()).startsWith(product));
	}

	@ParameterizedTest
	@ValueSource(strings = {
			"PostgreSQL 18.3 (Debian 18.3-1.pgdg12+1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14), 64-bit",
			"PostgreSQL 15.4 on aarch64-unknown-linux-gnu, compiled by aarch64-unknown-linux-gnu-gcc (GCC) 9.5.0, 64-bit",
			"PostgreSQL 17.2 - Percona Server for PostgreSQL 17.2.1 on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
			"PostgreSQL 16.1 (EnterpriseDB Advanced Server 16.1.0) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit",
			"PostgreSQL 19devel on x86_64-linux, compiled by clang-19.1.0, 64-bit" })
	void versionsOfPostgresAreTaken(String version) {
		LookAlikes.refuse(version);
		assertThat(Dialect.POSTGRESQL.isConfirmedBy(version)).isTrue();
	}

	/** No database without a script and the contracts, on a server of its own. */
	@ParameterizedTest
	@EnumSource
	void everyDialectHasAScriptAndContractTests(Dialect dialect) {
		assertThat(Dialect.class.getResource(dialect.script())).isNotNull();
		JavaClasses tests = new ClassFileImporter().importPackages(Dialect.class.getPackageName());
		for (Class<?> contract : List.of(JdbcLeaseStoreContract.class, CommitFenceContract.class,
				JdbcLeaseLockManagerContract.class)) {
			assertThat(tests).as("subclasses of %s", contract.getSimpleName())
				.filteredOn(
						(test) -> test.isAssignableTo(contract) && !test.getModifiers().contains(JavaModifier.ABSTRACT))
				.extracting((test) -> test.getSimpleName().toLowerCase(Locale.ROOT))
				.anyMatch((name) -> name.contains((dialect == Dialect.POSTGRESQL) ? "postgres" : dialect.id()));
		}
	}

	/** As drivers name the product and its version, and as the database does itself. */
	@ParameterizedTest
	@CsvSource({ "MYSQL,MySQL,8.0.31", "MYSQL,MySQL,8.0.17-log", "MYSQL,MySQL,8.4.5", "MYSQL,MySQL,8.0.36-28",
			"MARIADB,MariaDB,11.4.5-MariaDB", "MARIADB,MySQL,11.4.5-MariaDB", "MARIADB,MariaDB,10.6.1-MariaDB-log",
			"MARIADB,MySQL,10.11.19-MariaDB-0+deb12u1" })
	void versionsOfMySqlAndMariaDbAreTaken(Dialect dialect, String product, String version) {
		LookAlikes.refuse(product + " " + version);
		assertThat(Dialect.values()).filteredOn((any) -> any.isFor(product, version)).containsExactly(dialect);
		assertThat(dialect.isConfirmedBy(dialect.product() + " " + version + ", some build")).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "MYSQL,MySQL 8.0.16", "MYSQL,MySQL 5.7.44-log", "MYSQL,MariaDB 11.4.5-MariaDB",
			"MARIADB,MariaDB 10.5.29-MariaDB", "MARIADB,MySQL 8.0.31" })
	void versionThatIsTooOldOrAnotherProductIsNot(Dialect dialect, String version) {
		assertThat(dialect.isConfirmedBy(version)).isFalse();
	}

	@Test
	void lookAlikeIsRefusedWhateverDialectIsChosen() {
		DataSource fake = postgresThatSaysItIs("PostgreSQL 15.12-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu, 64-bit");
		for (String dialect : Arrays.asList(null, "postgresql")) {
			assertThatExceptionOfType(UnsupportedDatabaseException.class)
				.isThrownBy(() -> JdbcLeaseSchema.of(fake, "p_", dialect))
				.withMessageContaining("YugabyteDB");
			assertThatExceptionOfType(UnsupportedDatabaseException.class)
				.isThrownBy(() -> JdbcLeaseStore.builder(fake).platform(dialect).build())
				.withMessageContaining("YugabyteDB");
		}
	}

	@Test
	void whatOnlyItsDriverTakesForPostgresIsRefusedUnlessItIsChosen() {
		DataSource fake = postgresThatSaysItIs("NewSQL 1.0");
		assertThatExceptionOfType(UnsupportedDatabaseException.class)
			.isThrownBy(() -> JdbcLeaseSchema.of(fake, "p_", null))
			.withMessageContaining("'NewSQL 1.0'")
			.withMessageContaining("cross-process-lock.jdbc.platform");
		assertThat(JdbcLeaseSchema.of(fake, "p_", "postgresql").exists()).isFalse();
	}

	private static DataSource postgresThatSaysItIs(String version) {
		DataSource database = EmbeddedPostgresServer.newDatabase();
		try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("create schema fake");
			statement.execute(
					"create function fake.version() returns text language sql as $$ select '" + version + "'::text $$");
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		((PGSimpleDataSource) database).setCurrentSchema("fake,pg_catalog");
		return database;
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
		assertThat(JdbcLeaseSchema.of(H2JdbcLeaseStoreTests.inMemory(), prefix, null).ddl())
			.contains(" " + prefix + "lock");
	}

}
