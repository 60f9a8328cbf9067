package org.crossprocesslock.autoconfigure;

import java.lang.reflect.Method;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.Set;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import org.apache.commons.dbcp2.BasicDataSource;
import org.apache.tomcat.jdbc.pool.PoolConfiguration;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.jdbc.DataSourceUnwrapper;
import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

/**
 * Asks a pool what it would open a connection with now. One for each kind of DataSource
 * that tells.
 */
interface PoolSettings {

	/** What it would open a connection with now. */
	ConnectionSettings now() throws SQLException;

	/**
	 * Finds the pool behind wrappers and proxies.
	 * @throws UnknownException if there is something that it does not tell
	 */
	static PoolSettings of(DataSource dataSource) throws UnknownException {
		refuseWrapperThatConnects(dataSource);
		PoolSettings found = isPresent("com.zaxxer.hikari.HikariDataSource") ? OfHikari.in(dataSource) : null;
		if (found == null && isPresent("org.apache.tomcat.jdbc.pool.DataSource")) {
			found = OfTomcat.in(dataSource);
		}
		if (found == null && isPresent("org.apache.commons.dbcp2.BasicDataSource")) {
			found = OfDbcp.in(dataSource);
		}
		return (found != null) ? found : OfNoPool.of(dataSource);
	}

	/** One that overrides how it connects may have credentials of its own. */
	private static void refuseWrapperThatConnects(DataSource dataSource) throws UnknownException {
		for (DataSource each = dataSource; each instanceof DelegatingDataSource wrapper; each = wrapper
			.getTargetDataSource()) {
			Method opener = ReflectionUtils.findMethod(wrapper.getClass(), "getConnection");
			Class<?> type = (opener != null) ? opener.getDeclaringClass() : wrapper.getClass();
			if (type != DelegatingDataSource.class && type != TransactionAwareDataSourceProxy.class
					&& type != LazyConnectionDataSourceProxy.class) {
				throw new UnknownException(wrapper.getClass().getName() + " opens connections in its own way");
			}
		}
	}

	private static boolean isPresent(String type) {
		return ClassUtils.isPresent(type, PoolSettings.class.getClassLoader());
	}

	private static String known(@Nullable String url, DataSource pool) throws UnknownException {
		if (!StringUtils.hasText(url)) {
			throw new UnknownException(pool.getClass().getName() + " does not reveal its URL");
		}
		return url;
	}

	/** HikariCP, whose credentials can be changed while it runs. */
	final class OfHikari {

		private OfHikari() {
		}

		static @Nullable PoolSettings in(DataSource dataSource) throws UnknownException {
			HikariDataSource pool = DataSourceUnwrapper.unwrap(dataSource, HikariDataSource.class);
			if (pool == null) {
				return null;
			}
			DataSource inner = pool.getDataSource();
			if (inner != null) {
				return of(pool, PoolSettings.of(inner));
			}
			if (pool.getDataSourceClassName() != null || pool.getJdbcUrl() == null) {
				throw new UnknownException(pool.getClass().getName() + " does not reveal its URL");
			}
			return of(pool, () -> ConnectionSettings.of(pool.getJdbcUrl(), pool.getDriverClassName(),
					pool.getDataSourceProperties(), null, null));
		}

		private static PoolSettings of(HikariDataSource pool, PoolSettings target) {
			return () -> {
				ConnectionSettings settings = target.now();
				Credentials own = credentials(pool);
				boolean said = own.getUsername() != null;
				String sql = pool.getConnectionInitSql();
				return new ConnectionSettings(said ? own.getUsername() : settings.user(),
						said ? own.getPassword() : settings.password(), pool.getCatalog(), pool.getSchema(),
						(sql != null) ? List.of(sql) : List.of(), settings.opener());
			};
		}

		private static Credentials credentials(HikariConfig pool) {
			HikariCredentialsProvider provider = pool.getCredentialsProvider();
			return (provider != null) ? provider.getCredentials() : pool.getCredentials();
		}

	}

	/**
	 * The pool of Tomcat, whose settings show the password that the pool itself masks.
	 */
	final class OfTomcat {

		private OfTomcat() {
		}

		static @Nullable PoolSettings in(DataSource dataSource) throws UnknownException {
			org.apache.tomcat.jdbc.pool.DataSource pool = DataSourceUnwrapper.unwrap(dataSource,
					org.apache.tomcat.jdbc.pool.DataSource.class);
			if (pool == null) {
				return null;
			}
			PoolConfiguration settings = pool.getPoolProperties();
			if (settings.getDataSource() != null || settings.getDataSourceJNDI() != null) {
				throw new UnknownException(pool.getClass().getName() + " has its connections from another DataSource");
			}
			String url = known(settings.getUrl(), pool);
			return () -> {
				PoolConfiguration now = pool.getPoolProperties();
				Properties properties = (now.getDbProperties() != null) ? now.getDbProperties() : new Properties();
				String sql = now.getInitSQL();
				return ConnectionSettings
					.of(url, now.getDriverClassName(), properties, now.getUsername(), now.getPassword())
					.in(now.getDefaultCatalog(), null)
					.preparedWith((sql != null) ? List.of(sql) : List.of());
			};
		}

	}

	/** Commons DBCP 2. */
	final class OfDbcp {

		private OfDbcp() {
		}

		@SuppressWarnings("deprecation") // nothing else says what it opens a connection
											// with
		static @Nullable PoolSettings in(DataSource dataSource) throws UnknownException {
			BasicDataSource pool = DataSourceUnwrapper.unwrap(dataSource, BasicDataSource.class);
			if (pool == null) {
				return null;
			}
			if (pool.getConnectionFactoryClassName() != null) {
				throw new UnknownException(
						pool.getClass().getName() + " opens connections with " + pool.getConnectionFactoryClassName());
			}
			String url = known(pool.getUrl(), pool);
			Properties properties = properties(pool);
			return () -> ConnectionSettings
				.of(url, pool.getDriverClassName(), properties, pool.getUsername(), pool.getPassword())
				.in(pool.getDefaultCatalog(), pool.getDefaultSchema())
				.preparedWith(List.copyOf(pool.getConnectionInitSqls()));
		}

		/** There is no other way to ask for them. */
		private static Properties properties(BasicDataSource pool) throws UnknownException {
			Method getter = ReflectionUtils.findMethod(BasicDataSource.class, "getConnectionProperties");
			if (getter != null && getter.trySetAccessible()
					&& ReflectionUtils.invokeMethod(getter, pool) instanceof Properties properties) {
				return properties;
			}
			throw new UnknownException(pool.getClass().getName() + " does not reveal its connection properties");
		}

	}

	/** What opens a connection each time. */
	final class OfNoPool {

		/** Of drivers; by name, as none of them need be there. */
		private static final Set<String> UNPOOLED = Set.of("org.h2.jdbcx.JdbcDataSource",
				"org.postgresql.ds.PGSimpleDataSource");

		private OfNoPool() {
		}

		static PoolSettings of(DataSource dataSource) throws UnknownException {
			AbstractDriverBasedDataSource simple = DataSourceUnwrapper.unwrap(dataSource,
					AbstractDriverBasedDataSource.class);
			if (simple != null) {
				return ofSpring(simple);
			}
			DataSource root = root(dataSource);
			if (UNPOOLED.contains(root.getClass().getName())) {
				return () -> ConnectionSettings.of(root, null, null);
			}
			throw new UnknownException(
					root.getClass().getName() + " does not reveal how it opens connections, or with which password");
		}

		private static PoolSettings ofSpring(AbstractDriverBasedDataSource simple) throws UnknownException {
			Class<?> type = simple.getClass();
			if (type != DriverManagerDataSource.class && type != SimpleDriverDataSource.class) {
				throw new UnknownException(type.getName() + " may do more than open a connection each time");
			}
			String url = known(simple.getUrl(), simple);
			return () -> {
				Properties properties = (simple.getConnectionProperties() != null) ? simple.getConnectionProperties()
						: new Properties();
				Driver driver = (simple instanceof SimpleDriverDataSource direct) ? direct.getDriver() : null;
				return ConnectionSettings
					.of(url, () -> (driver != null) ? driver : DriverManager.getDriver(url), properties,
							simple.getUsername(), simple.getPassword())
					.in(simple.getCatalog(), simple.getSchema());
			};
		}

		private static DataSource root(DataSource dataSource) {
			for (String name : UNPOOLED) {
				if (isPresent(name)) {
					Class<?> type = ClassUtils.resolveClassName(name, PoolSettings.class.getClassLoader());
					DataSource found = DataSourceUnwrapper.unwrap(dataSource, type.asSubclass(DataSource.class));
					if (found != null) {
						return found;
					}
				}
			}
			return dataSource;
		}

	}

	/** There is something that the pool does not tell. */
	final class UnknownException extends Exception {

		private static final long serialVersionUID = 1L;

		UnknownException(String message) {
			super(message);
		}

		@Override
		public String getMessage() {
			return String.valueOf(super.getMessage());
		}

	}

}
