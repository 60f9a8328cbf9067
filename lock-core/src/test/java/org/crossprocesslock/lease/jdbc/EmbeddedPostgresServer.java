package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.crossprocesslock.ServerPort;
import org.postgresql.ds.PGSimpleDataSource;

/** One PostgreSQL server for all tests of this JVM, stopped with it. */
public final class EmbeddedPostgresServer {

	private static final AtomicInteger databases = new AtomicInteger();

	private EmbeddedPostgresServer() {
	}

	/** An unpooled DataSource of a new, empty database. */
	public static DataSource newDatabase() {
		String name = "test_" + databases.incrementAndGet();
		try (Connection connection = Server.POSTGRES.getPostgresDatabase().getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("create database " + name);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(jdbcUrl(name));
		return dataSource;
	}

	/** URL of a database of that name, with user. */
	public static String jdbcUrl(String database) {
		return Server.POSTGRES.getJdbcUrl("postgres", database);
	}

	/** The port of the server. */
	public static int port() {
		return Server.POSTGRES.getPort();
	}

	private static final class Server {

		static final EmbeddedPostgres POSTGRES = start();

		private static EmbeddedPostgres start() {
			try {
				return EmbeddedPostgres.builder().setPort(ServerPort.choose()).setServerConfig("fsync", "off").start();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
