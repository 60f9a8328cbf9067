package org.crossprocesslock.autoconfigure;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.util.ClassUtils;

/**
 * What a pool opens a connection with.
 *
 * @param user the user, {@code null} if the URL or the driver says it
 * @param password the password, {@code null} likewise
 * @param catalog the catalog that is set on each connection
 * @param schema the schema that is set on each connection
 * @param initSql what is executed on each connection
 * @param opener connects
 */
record ConnectionSettings(@Nullable String user, @Nullable String password, @Nullable String catalog,
		@Nullable String schema, List<String> initSql, Opener opener) {

	/** Whatever a pool waits for: nobody waits for an own connection as long as this. */
	private static final Duration LIMIT = Duration.ofSeconds(10);

	private static final int H2_WITH_NETWORK_TIMEOUT = 4;

	static ConnectionSettings of(DataSource unpooled, @Nullable String user, @Nullable String password) {
		return new ConnectionSettings(user, password, null, null, List.of(),
				(name, secret) -> (name != null) ? unpooled.getConnection(name, secret) : unpooled.getConnection());
	}

	static ConnectionSettings of(String url, @Nullable String driver, Properties properties, @Nullable String user,
			@Nullable String password) {
		return of(url, () -> driver(url, driver), properties, user, password);
	}

	static ConnectionSettings of(String url, DriverSource driver, Properties properties, @Nullable String user,
			@Nullable String password) {
		return new ConnectionSettings(user, password, null, null, List.of(),
				(name, secret) -> connect(driver.get(), url, properties, name, secret));
	}

	ConnectionSettings in(@Nullable String newCatalog, @Nullable String newSchema) {
		return new ConnectionSettings(this.user, this.password, newCatalog, newSchema, this.initSql, this.opener);
	}

	ConnectionSettings preparedWith(List<String> sql) {
		return new ConnectionSettings(this.user, this.password, this.catalog, this.schema, sql, this.opener);
	}

	private static Driver driver(String url, @Nullable String name) throws SQLException {
		if (name == null) {
			return DriverManager.getDriver(url);
		}
		try {
			return (Driver) BeanUtils
				.instantiateClass(ClassUtils.forName(name, ConnectionSettings.class.getClassLoader()));
		}
		catch (ClassNotFoundException | RuntimeException ex) {
			throw new SQLException("no driver " + name, ex);
		}
	}

	private static Connection connect(Driver driver, String url, Properties properties, @Nullable String user,
			@Nullable String password) throws SQLException {
		Properties all = new Properties();
		properties.stringPropertyNames().forEach((name) -> all.setProperty(name, properties.getProperty(name)));
		if (user != null) {
			all.setProperty("user", user);
		}
		if (password != null) {
			all.setProperty("password", password);
		}
		limit(driver, url, all);
		Connection connection = driver.connect(url, all);
		if (connection == null) {
			throw new SQLException("the driver does not take the URL of the pool");
		}
		return connection;
	}

	/** Without these a driver may wait for ever for a server that has gone. */
	private static void limit(Driver driver, String url, Properties all) {
		if (url.startsWith("jdbc:postgresql:")) {
			for (String name : List.of("connectTimeout", "socketTimeout", "loginTimeout")) {
				all.putIfAbsent(name, String.valueOf(LIMIT.toSeconds()));
			}
			all.putIfAbsent("tcpKeepAlive", "true");
		}
		if (url.startsWith("jdbc:mysql:") || url.startsWith("jdbc:mariadb:")) {
			// not every version of the drivers prefers what the URL says
			for (String name : List.of("connectTimeout", "socketTimeout")) {
				if (!url.contains(name + "=")) {
					all.putIfAbsent(name, String.valueOf(LIMIT.toMillis()));
				}
			}
		}
		boolean remoteH2 = url.startsWith("jdbc:h2:tcp:") || url.startsWith("jdbc:h2:ssl:");
		boolean said = url.toUpperCase(Locale.ROOT).contains("NETWORK_TIMEOUT");
		if (remoteH2 && !said && driver.getMinorVersion() >= H2_WITH_NETWORK_TIMEOUT) {
			all.putIfAbsent("NETWORK_TIMEOUT", String.valueOf(LIMIT.toMillis()));
		}
	}

	/** Finds the driver. */
	interface DriverSource {

		Driver get() throws SQLException;

	}

	/** Connects. */
	interface Opener {

		Connection open(@Nullable String user, @Nullable String password) throws SQLException;

	}

}
