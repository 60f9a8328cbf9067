package org.crossprocesslock.benchmarks.database;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * One database, as every process that takes part finds it.
 *
 * @param name its name on the server
 * @param url its JDBC URL, with all that is needed to connect
 */
public record Database(String name, String url) implements Serializable {

	/** What Spring Boot gives a process unless it is told otherwise. */
	public static final int POOL_SIZE = 10;

	/** Ten thousand callers that ask again and again must not fail for having to wait. */
	private static final Duration PATIENCE = Duration.ofMinutes(10);

	/** Opens connections outside any pool. */
	public PGSimpleDataSource unpooled() {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setUrl(this.url);
		return dataSource;
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

}
