package org.crossprocesslock.benchmarks.database;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * One database, as every process that takes part finds it.
 *
 * @param product of which product
 * @param name its name on the server
 * @param url its JDBC URL, with all that is needed to connect
 */
public record Database(Product product, String name, String url) implements Serializable {

	/** What Spring Boot gives a process unless it is told otherwise. */
	public static final int POOL_SIZE = 10;

	/** Ten thousand callers that ask again and again must not fail for having to wait. */
	private static final Duration PATIENCE = Duration.ofMinutes(10);

	/** Opens connections outside any pool. */
	public DataSource unpooled() {
		return new DriverManagerDataSource(this.url);
	}

	/** Opens a pool. */
	public HikariDataSource pool() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.url);
		config.setMaximumPoolSize(POOL_SIZE);
		config.setConnectionTimeout(PATIENCE.toMillis());
		return new HikariDataSource(config);
	}

	/** Executes statements on a connection of its own. */
	public void execute(String... statements) throws SQLException {
		try (Connection connection = unpooled().getConnection(); Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	/** The value in a column of the first row. */
	String ask(String sql, int column) throws SQLException {
		try (Connection connection = unpooled().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(column);
		}
	}

}
