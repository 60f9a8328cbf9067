package org.crossprocesslock.servers;

import java.sql.SQLException;

import javax.sql.DataSource;

import com.mysql.cj.jdbc.MysqlDataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/** The drivers that speak to both products. */
public enum JdbcDriver {

	/** MySQL's. */
	CONNECTOR_J("jdbc:mysql:", "&sslMode=DISABLED") {
		@Override
		DataSource unpooled(String url) {
			MysqlDataSource dataSource = new MysqlDataSource();
			dataSource.setUrl(url);
			return dataSource;
		}
	},

	/** MariaDB's. */
	MARIADB_CONNECTOR("jdbc:mariadb:", "") {
		@Override
		DataSource unpooled(String url) throws SQLException {
			return new MariaDbDataSource(url);
		}
	};

	private final String prefix;

	private final String options;

	JdbcDriver(String prefix, String options) {
		this.prefix = prefix;
		this.options = options;
	}

	/** URL of a database of a {@link TestServer}, with user and password. */
	String url(int port, String database) {
		return this.prefix + "//127.0.0.1:" + port + "/" + database + "?user=" + ServerProgram.USER + "&password="
				+ ServerProgram.PASSWORD + "&allowPublicKeyRetrieval=true" + this.options;
	}

	/**
	 * An unpooled DataSource.
	 * @param url a URL of one of these drivers
	 * @return the DataSource
	 */
	public static DataSource dataSource(String url) {
		try {
			return url.startsWith(CONNECTOR_J.prefix) ? CONNECTOR_J.unpooled(url) : MARIADB_CONNECTOR.unpooled(url);
		}
		catch (SQLException ex) {
			throw new IllegalArgumentException(ex);
		}
	}

	abstract DataSource unpooled(String url) throws SQLException;

}
