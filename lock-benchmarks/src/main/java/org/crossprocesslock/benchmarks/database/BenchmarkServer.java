package org.crossprocesslock.benchmarks.database;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;

/** A server of its own, new and empty, which loses no commit when it crashes. */
public abstract class BenchmarkServer implements AutoCloseable {

	/** A fleet has many, and what is not used costs nothing that shows. */
	static final String MAX_CONNECTIONS = "1000";

	/**
	 * Starts a server.
	 * @param product which
	 * @param flush what commits wait for, one that the product has
	 * @param counting whether the server counts statements, which costs it a little
	 * @return the server, listening on loopback
	 */
	public static BenchmarkServer start(Product product, Flush flush, boolean counting)
			throws IOException, SQLException {
		return (product == Product.POSTGRESQL) ? PostgresServer.start(flush, counting) : MySqlServer.start(product);
	}

	/** Fails if a setting has not arrived: a benchmark without flushes says nothing. */
	final void check(Map<String, String> settings) throws SQLException {
		for (Map.Entry<String, String> setting : settings.entrySet()) {
			String actual = setting(setting.getKey());
			if (!actual.equals(setting.getValue())) {
				throw new IllegalStateException(
						"The server has " + setting.getKey() + " = " + actual + ", not " + setting.getValue());
			}
		}
	}

	/** The value of a setting. */
	abstract String setting(String name) throws SQLException;

	/** The version of the server. */
	public abstract String version() throws SQLException;

	/** Creates an empty database. */
	public final Database createDatabase(String name) throws SQLException {
		administration().execute("create database " + name);
		return database(name);
	}

	/** Where what is no part of a measurement is asked. */
	abstract Database administration();

	/** A database that exists. */
	abstract Database database(String name);

	/** The first of the server's processes; the others are its children. */
	public abstract ProcessHandle process();

	/** Stops the server and deletes all that it has. */
	@Override
	public abstract void close() throws IOException;

}
