package org.crossprocesslock.lease.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.servers.JdbcDriver;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.ServerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What MySQL and MariaDB have in common. */
abstract class MySqlStoreConnectionsContract extends StoreConnectionsContract {

	private final List<ServerProcess> others = new ArrayList<>();

	@TempDir
	private Path directory = Path.of("none");

	abstract ServerAccess access();

	/** URL of the database of this class. */
	abstract String url();

	@Override
	final DataSource newDatabase() {
		return JdbcDriver.dataSource(url());
	}

	/**
	 * On another server, since statements name the database and so reach it from all
	 * others.
	 */
	@Override
	final DataSource anotherDatabase() {
		ServerProcess server = access().server().start(this.directory.resolve("server-" + this.others.size()));
		this.others.add(server);
		try (Connection connection = JdbcDriver.dataSource(server.url(access().driver(), "mysql")).getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("create database " + ServerAccess.database(url()));
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		return JdbcDriver.dataSource(server.url(access().driver(), ServerAccess.database(url())));
	}

	@AfterEach
	void stopOtherServers() {
		this.others.forEach(ServerProcess::close);
	}

	private static String text(Connection connection, String sql) throws SQLException {
		StringBuilder text = new StringBuilder();
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			while (row.next()) {
				text.append(row.getString(1)).append(' ');
			}
		}
		return text.toString().strip();
	}

	@Override
	void kill(Connection connection) throws SQLException {
		String session = text(connection, "select connection_id()");
		try (Connection other = newDatabase().getConnection(); Statement statement = other.createStatement()) {
			statement.execute("kill " + session);
			Eventually.until("the session has ended", () -> isGone(other, session));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static boolean isGone(Connection connection, String session) {
		try {
			return text(connection, "select id from information_schema.processlist where id = " + session).isEmpty();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	String settings(Connection connection) throws SQLException {
		return text(connection, """
				select concat(variable_name, '=', variable_value) from %s.session_variables
				where variable_name in ('innodb_lock_wait_timeout', 'lock_wait_timeout', 'sql_mode', 'autocommit',
				'tx_isolation', 'transaction_isolation', 'max_statement_time', 'max_execution_time')
				order by variable_name""".replace("%s", variables(connection)));
	}

	private static String variables(Connection connection) throws SQLException {
		return text(connection, "select version()").contains("MariaDB") ? "information_schema" : "performance_schema";
	}

}
