package org.crossprocesslock.autoconfigure;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import oracle.ucp.jdbc.PoolDataSource;
import oracle.ucp.jdbc.PoolDataSourceFactory;
import org.apache.commons.dbcp2.BasicDataSource;
import org.crossprocesslock.engine.TimeSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link UnpooledDataSource}.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnpooledDataSourceTests {

	private static final String URL = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";

	private static final String USER = "ROT";

	private static final String PASSWORD = "one";

	private final HikariDataSource pool = hikari(PASSWORD);

	@BeforeEach
	void createUser() throws SQLException {
		execute("create user if not exists rot password 'one' admin");
		execute("alter user rot set password 'one'");
	}

	@AfterEach
	void close() {
		this.pool.close();
	}

	private static void execute(String sql) throws SQLException {
		JdbcDataSource admin = new JdbcDataSource();
		admin.setURL(URL);
		admin.setUser("sa");
		try (Connection connection = admin.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static HikariDataSource hikari(String password) {
		HikariDataSource pool = new HikariDataSource();
		pool.setJdbcUrl(URL);
		pool.setUsername(USER);
		pool.setPassword(password);
		pool.setMaximumPoolSize(1);
		return pool;
	}

	private static org.apache.tomcat.jdbc.pool.DataSource tomcat() {
		org.apache.tomcat.jdbc.pool.DataSource pool = new org.apache.tomcat.jdbc.pool.DataSource();
		pool.setUrl(URL);
		pool.setDriverClassName("org.h2.Driver");
		pool.setUsername(USER);
		pool.setPassword(PASSWORD);
		return pool;
	}

	private static BasicDataSource dbcp() {
		BasicDataSource pool = new BasicDataSource();
		pool.setUrl(URL);
		pool.setUsername(USER);
		pool.setPassword(PASSWORD);
		return pool;
	}

	private static HikariDataSource hikariAround(DataSource inner) {
		HikariDataSource pool = new HikariDataSource();
		pool.setDataSource(inner);
		return pool;
	}

	private static JdbcDataSource driver() {
		JdbcDataSource driver = new JdbcDataSource();
		driver.setURL(URL);
		driver.setUser(USER);
		driver.setPassword(PASSWORD);
		return driver;
	}

	private static DataSource proxied(DataSource target) {
		ProxyFactory factory = new ProxyFactory(target);
		factory.setInterfaces(DataSource.class);
		return (DataSource) factory.getProxy();
	}

	static Stream<DataSource> kinds() {
		return Stream.of(hikari(PASSWORD), tomcat(), dbcp(), hikariAround(driver()), driver(),
				new DriverManagerDataSource(URL, USER, PASSWORD),
				new SimpleDriverDataSource(new org.h2.Driver(), URL, USER, PASSWORD), proxied(dbcp()),
				new DelegatingDataSource(tomcat()), new LazyConnectionDataSourceProxy(hikari(PASSWORD)),
				new TransactionAwareDataSourceProxy(new LazyConnectionDataSourceProxy(proxied(tomcat()))));
	}

	@ParameterizedTest
	@MethodSource("kinds")
	void connectionsAreOpenedAsThePoolOpensThem(DataSource dataSource, CapturedOutput output) throws Exception {
		DataSource unpooled = Objects.requireNonNull(UnpooledDataSource.derivedFrom(dataSource));
		try (Connection first = unpooled.getConnection(); Connection second = unpooled.getConnection()) {
			assertThat(user(first)).isEqualTo(USER);
			assertThat(first.unwrap(Connection.class)).isNotSameAs(second.unwrap(Connection.class));
		}
		assertThat(output).doesNotContain("borrow").doesNotContain("Wrong user name or password");
	}

	private static String user(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select current_user")) {
			row.next();
			return row.getString(1);
		}
	}

	@Test
	void poolIsNotStarted() {
		assertThat(UnpooledDataSource.derivedFrom(this.pool)).isNotNull();
		assertThat(this.pool.isRunning()).isFalse();
	}

	@Test
	void changedCredentialsOfAPoolAreUsedFromThenOn() throws Exception {
		BasicDataSource dbcp = dbcp();
		org.apache.tomcat.jdbc.pool.DataSource tomcat = tomcat();
		Map<DataSource, Runnable> pools = Map.of(this.pool, () -> this.pool.getHikariConfigMXBean().setPassword("two"),
				dbcp, () -> dbcp.setPassword("two"), tomcat, () -> tomcat.setPassword("two"));
		this.pool.getConnection().close();
		for (Map.Entry<DataSource, Runnable> each : pools.entrySet()) {
			execute("alter user rot set password 'one'");
			DataSource unpooled = Objects.requireNonNull(UnpooledDataSource.derivedFrom(each.getKey()));
			unpooled.getConnection().close();
			execute("alter user rot set password 'two'");
			each.getValue().run();
			unpooled.getConnection().close();
		}
		dbcp.close();
	}

	@Test
	void refusedLoginIsNotRepeatedWithTheSameCredentials() throws Exception {
		AtomicInteger logins = new AtomicInteger();
		AtomicLong nanos = new AtomicLong();
		AtomicReference<String> password = new AtomicReference<>("wrong");
		PoolSettings settings = () -> {
			ConnectionSettings found = ConnectionSettings.of(driver(), USER, password.get());
			return new ConnectionSettings(found.user(), found.password(), null, null, found.initSql(),
					(user, secret) -> {
						logins.incrementAndGet();
						return found.opener().open(user, secret);
					});
		};
		DataSource unpooled = new UnpooledDataSource(settings, new TimeSource() {

			@Override
			public long nanos() {
				return nanos.get();
			}

			@Override
			public long wallMillis() {
				return 0;
			}

		});
		for (int i = 0; i < 3; i++) {
			assertThatExceptionOfType(SQLException.class).isThrownBy(unpooled::getConnection)
				.isInstanceOf(SQLTransientConnectionException.class)
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("28000"));
		}
		assertThat(logins).hasValue(1);
		password.set(PASSWORD);
		unpooled.getConnection().close();
		password.set("wrong again");
		assertThatExceptionOfType(SQLException.class).isThrownBy(unpooled::getConnection);
		execute("alter user rot set password 'wrong again'");
		nanos.addAndGet(UnpooledDataSource.LOGIN_PAUSE.minus(Duration.ofNanos(1)).toNanos());
		assertThatExceptionOfType(SQLException.class).isThrownBy(unpooled::getConnection);
		nanos.incrementAndGet();
		unpooled.getConnection().close();
	}

	@Test
	void whatThePoolSetsOnConnectionsIsSet() throws Exception {
		execute("create schema if not exists app");
		this.pool.setSchema("APP");
		this.pool.setConnectionInitSql("set @prepared = 1");
		this.pool.addDataSourceProperty("LOCK_TIMEOUT", "1234");
		DataSource unpooled = Objects.requireNonNull(UnpooledDataSource.derivedFrom(this.pool));
		try (Connection connection = unpooled.getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select @prepared, lock_timeout()")) {
			assertThat(connection.getSchema()).isEqualTo("APP");
			row.next();
			assertThat(row.getInt(1)).isEqualTo(1);
			assertThat(row.getInt(2)).isEqualTo(1234);
		}
	}

	@Test
	void embeddedDatabaseIsBorrowedFrom(CapturedOutput output) {
		EmbeddedDatabase database = new EmbeddedDatabaseBuilder().setType(EmbeddedDatabaseType.H2)
			.generateUniqueName(true)
			.build();
		isBorrowedFrom(database, output, "embedded");
		database.shutdown();
	}

	@Test
	void routingDataSourceIsBorrowedFrom(CapturedOutput output) {
		AbstractRoutingDataSource routing = new AbstractRoutingDataSource() {

			@Override
			protected Object determineCurrentLookupKey() {
				return "a";
			}

		};
		routing.setTargetDataSources(Map.of("a", this.pool));
		routing.afterPropertiesSet();
		isBorrowedFrom(proxied(routing), output, "routes");
	}

	@Test
	void wrapperThatConnectsInItsOwnWayIsBorrowedFrom(CapturedOutput output) {
		DataSource wrapper = new DelegatingDataSource(this.pool) {

			@Override
			public Connection getConnection() throws SQLException {
				return obtainTargetDataSource().getConnection(USER, "a token of this moment");
			}

		};
		isBorrowedFrom(wrapper, output, "opens connections in its own way");
	}

	@Test
	void poolThatDoesNotTellItsPasswordIsBorrowedFrom(CapturedOutput output) throws Exception {
		PoolDataSource ucp = PoolDataSourceFactory.getPoolDataSource();
		ucp.setConnectionFactoryClassName("org.h2.jdbcx.JdbcDataSource");
		ucp.setURL(URL);
		ucp.setUser(USER);
		ucp.setPassword(PASSWORD);
		isBorrowedFrom(ucp, output, "does not reveal");
	}

	@Test
	void singleConnectionIsBorrowedFrom(CapturedOutput output) {
		isBorrowedFrom(new SingleConnectionDataSource(URL, USER, PASSWORD, true), output, "may do more");
	}

	@Test
	void onlyWhatBindsToTransactionsIsTakenOff() {
		DataSource other = new DriverManagerDataSource();
		assertThat(UnpooledDataSource.withoutTransactions(other)).isSameAs(other);
		assertThat(UnpooledDataSource
			.withoutTransactions(new LazyConnectionDataSourceProxy(new TransactionAwareDataSourceProxy(other))))
			.isSameAs(other);
	}

	private static void isBorrowedFrom(DataSource dataSource, CapturedOutput output, String reason) {
		assertThat(UnpooledDataSource.derivedFrom(dataSource)).isNull();
		assertThat(output).containsOnlyOnce("Locks borrow their connections").contains(reason);
	}

}
