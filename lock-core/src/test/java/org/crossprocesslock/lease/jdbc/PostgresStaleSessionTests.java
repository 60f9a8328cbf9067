package org.crossprocesslock.lease.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/** Sessions that refuse a statement before anything was done. */
class PostgresStaleSessionTests {

	private final DataSource database = EmbeddedPostgresServer.newDatabase();

	private final List<Connection> opened = new ArrayList<>();

	/** Connections up to this one are stale. */
	private int stale;

	private String state = "";

	/** What comes of asking for the driver, unless that is the driver. */
	private String shows = "";

	@BeforeEach
	void createTables() {
		JdbcLeaseSchema.of(this.database, JdbcLeaseStore.DEFAULT_TABLE_PREFIX, null).createIfMissing();
	}

	private Connection open() throws SQLException {
		Connection target = this.database.getConnection();
		int number = this.opened.size() + 1;
		this.opened.add(target);
		return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
				(proxy, method, arguments) -> {
					if (method.getName().equals("isWrapperFor") && !this.shows.isEmpty()) {
						return shows();
					}
					if (method.getName().equals("prepareStatement") && number <= this.stale) {
						throw new SQLException("stale", this.state);
					}
					try {
						return method.invoke(target, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getTargetException();
					}
				});
	}

	private boolean shows() throws SQLException {
		if (this.shows.equals("an exception")) {
			throw new SQLFeatureNotSupportedException("isWrapperFor");
		}
		return false;
	}

	private JdbcLeaseStore store() {
		return JdbcLeaseStore.builder(this.database).ownConnections(DataSources.of(this::open)).build();
	}

	@ParameterizedTest
	@ValueSource(strings = { "0A000", "26000", "42P05", "25006" })
	void statementRunsOnAFreshConnection(String state) throws Exception {
		try (JdbcLeaseStore store = store()) {
			store.open("lease", "holder", Duration.ofSeconds(10));
			this.state = state;
			this.stale = this.opened.size();
			assertThat(store.renew("lease")).isPresent();
			assertThat(this.opened).hasSize(2);
			assertThat(this.opened.get(0).isClosed()).isTrue();
			assertThat(store.renew("lease")).isPresent();
			assertThat(this.opened).hasSize(2);
		}
	}

	/** Whose session it is can be asked of the driver only. */
	@ParameterizedTest
	@ValueSource(strings = { "nothing", "an exception" })
	void whereTheDriverIsHiddenNoStatementGetsAName(String shows) throws Exception {
		this.shows = shows;
		try (JdbcLeaseStore store = store()) {
			store.open("lease", "holder", Duration.ofSeconds(10));
			for (int i = 0; i < 10; i++) {
				assertThat(store.renew("lease")).isPresent();
			}
			assertThat(this.opened).hasSize(1);
			try (Statement statement = this.opened.get(0).createStatement();
					ResultSet names = statement.executeQuery("select name from pg_prepared_statements")) {
				assertThat(names.next()).isFalse();
			}
		}
	}

	@Test
	void freshConnectionThatIsStaleTooIsAFailureThatMayPass() {
		try (JdbcLeaseStore store = store()) {
			store.open("lease", "holder", Duration.ofSeconds(10));
			this.state = "25006";
			this.stale = Integer.MAX_VALUE;
			assertThatExceptionOfType(LockStoreException.class).isThrownBy(() -> store.renew("lease"))
				.satisfies((ex) -> assertThat(ex.isPermanent()).isFalse());
			this.stale = 0;
			assertThat(store.renew("lease")).isPresent();
		}
	}

}
