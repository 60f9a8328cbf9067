package org.crossprocesslock.servers;

import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.junit.jupiter.api.Assumptions;

/**
 * A server, and the driver by which it is reached.
 *
 * @param server the server
 * @param driver its own driver or the other one
 */
public record ServerAccess(TestServer server, JdbcDriver driver) {

	/** MySQL by the driver of MySQL. */
	public static final ServerAccess MYSQL = new ServerAccess(TestServer.MYSQL_8_0, JdbcDriver.CONNECTOR_J);

	/** MariaDB by the driver of MariaDB. */
	public static final ServerAccess MARIADB = new ServerAccess(TestServer.MARIADB_11_4, JdbcDriver.MARIADB_CONNECTOR);

	/**
	 * Each product by its own driver.
	 * @return what most tests are about
	 */
	public static List<ServerAccess> own() {
		return List.of(MYSQL, MARIADB);
	}

	/**
	 * Each server with each driver.
	 * @return all that can be had anywhere
	 */
	public static List<ServerAccess> all() {
		List<ServerAccess> all = new ArrayList<>();
		for (TestServer server : TestServer.values()) {
			for (JdbcDriver driver : JdbcDriver.values()) {
				all.add(new ServerAccess(server, driver));
			}
		}
		return all;
	}

	/**
	 * The other drivers and the other versions: what differs there is found by tests that
	 * take longer.
	 * @return all but {@link #own}
	 */
	public static List<ServerAccess> others() {
		List<ServerAccess> others = all();
		others.removeAll(own());
		return others;
	}

	/**
	 * URL of a new, empty database, with user and password; skips the test without it.
	 */
	public String newUrl() {
		Assumptions.assumeTrue(this.server.absence().isEmpty(),
				() -> this.server + ": " + this.server.absence().orElse(""));
		return this.server.newDatabase(this.driver);
	}

	/** An unpooled DataSource of a new, empty database; skips the test without it. */
	public DataSource newDatabase() {
		return JdbcDriver.dataSource(newUrl());
	}

	/** The same database through another port of this machine. */
	public static DataSource through(String url, int port) {
		return JdbcDriver.dataSource(withPort(url, port));
	}

	/** The URL of the same database through another port of this machine. */
	public static String withPort(String url, int port) {
		return url.replaceFirst(":[0-9]+/", ":" + port + "/");
	}

	/** The name of the database. */
	public static String database(String url) {
		return url.replaceFirst(".*/([a-z0-9_]+)[?].*", "$1");
	}

	/** The port of the server. */
	public static int port(String url) {
		return Integer.parseInt(url.replaceFirst(".*:([0-9]+)/.*", "$1"));
	}

}
