package org.crossprocesslock.autoconfigure;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;

import javax.sql.DataSource;

import org.crossprocesslock.engine.TimeSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabase;
import org.springframework.jdbc.datasource.lookup.AbstractRoutingDataSource;

/**
 * Opens connections outside a pool as the pool itself would open one now, so with the
 * credentials it has by then. A login that was refused is not repeated with the same
 * credentials for a while, because databases lock users out for that; so it is a failure
 * that may pass, and whoever asks may ask again soon. Needs Spring JDBC and Boot's module
 * for it.
 */
final class UnpooledDataSource extends AbstractDataSource {

	private static final Logger logger = LoggerFactory.getLogger(LockAutoConfiguration.class);

	/** Until a refused login is repeated although the credentials are the same. */
	static final Duration LOGIN_PAUSE = Duration.ofMinutes(10);

	private static final String LOGIN_REFUSED = "28";

	private final PoolSettings pool;

	private final TimeSource time;

	private volatile @Nullable Refused refused;

	UnpooledDataSource(PoolSettings pool, TimeSource time) {
		this.pool = pool;
		this.time = time;
	}

	/**
	 * A DataSource without a pool for the same database and user. Opens no connection.
	 * @param dataSource the DataSource to derive from
	 * @return the DataSource, or {@code null} if connections must be borrowed
	 */
	static @Nullable DataSource derivedFrom(DataSource dataSource) {
		String obstacle;
		if (DataSourceUnwrapper.unwrap(dataSource, AbstractRoutingDataSource.class) != null) {
			obstacle = "the DataSource routes to others";
		}
		else if (DataSourceUnwrapper.unwrap(dataSource, EmbeddedDatabase.class) != null) {
			obstacle = "the database is embedded";
		}
		else {
			try {
				return new UnpooledDataSource(PoolSettings.of(dataSource), TimeSource.SYSTEM);
			}
			catch (PoolSettings.UnknownException ex) {
				obstacle = ex.getMessage();
			}
		}
		logger.info("Locks borrow their connections from the DataSource and may have to wait for one when its pool is "
				+ "exhausted: {}", obstacle);
		return null;
	}

	/**
	 * The DataSource without what binds connections to the caller's transaction.
	 */
	static DataSource withoutTransactions(DataSource dataSource) {
		if (dataSource instanceof TransactionAwareDataSourceProxy
				|| dataSource instanceof LazyConnectionDataSourceProxy) {
			DataSource target = ((DelegatingDataSource) dataSource).getTargetDataSource();
			return (target != null) ? withoutTransactions(target) : dataSource;
		}
		return dataSource;
	}

	@Override
	public Connection getConnection() throws SQLException {
		ConnectionSettings now = this.pool.now();
		return getConnection(now, now.user(), now.password());
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return getConnection(this.pool.now(), username, password);
	}

	private Connection getConnection(ConnectionSettings now, @Nullable String user, @Nullable String password)
			throws SQLException {
		Refused before = this.refused;
		if (before != null && before.isFor(user, password) && this.time.nanos() - before.until() < 0) {
			throw new SQLTransientConnectionException(
					"the database has refused these credentials, which are not tried again for " + LOGIN_PAUSE
							+ ", or before the pool has others: " + before.failure().getMessage(),
					before.failure().getSQLState(), before.failure());
		}
		Connection connection;
		try {
			connection = now.opener().open(user, password);
		}
		catch (SQLException ex) {
			if (String.valueOf(ex.getSQLState()).startsWith(LOGIN_REFUSED)) {
				this.refused = new Refused(user, password, this.time.nanos() + LOGIN_PAUSE.toNanos(), ex);
				throw new SQLTransientConnectionException(ex.getMessage(), ex.getSQLState(), ex.getErrorCode(), ex);
			}
			throw ex;
		}
		this.refused = null;
		try {
			prepare(connection, now);
			return connection;
		}
		catch (Throwable ex) {
			try (connection) {
				throw ex;
			}
		}
	}

	/** As the pool does. */
	private static void prepare(Connection connection, ConnectionSettings now) throws SQLException {
		if (now.catalog() != null) {
			connection.setCatalog(now.catalog());
		}
		if (now.schema() != null) {
			connection.setSchema(now.schema());
		}
		for (String sql : now.initSql()) {
			try (Statement statement = connection.createStatement()) {
				statement.execute(sql);
			}
		}
		if (!connection.getAutoCommit()) {
			connection.commit();
		}
	}

	/**
	 * Credentials that the database did not take.
	 */
	private record Refused(@Nullable String user, @Nullable String password, long until, SQLException failure) {

		boolean isFor(@Nullable String otherUser, @Nullable String otherPassword) {
			return Objects.equals(this.user, otherUser) && Objects.equals(this.password, otherPassword);
		}

	}

}
