package org.crossprocesslock.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

import org.crossprocesslock.servers.JdbcDriver;
import org.crossprocesslock.servers.ServerAccess;
import org.crossprocesslock.servers.ServerProcess;
import org.crossprocesslock.servers.TestServer;

/**
 * A server of MySQL or MariaDB that is killed: it recovers from its log when it starts
 * again.
 */
final class MySqlBattery extends BatteryDatabase {

	private static final String DATABASE = "battery";

	private final ServerAccess access;

	private final ServerProcess server;

	private MySqlBattery(ServerAccess access, ServerProcess server) {
		this.access = access;
		this.server = server;
	}

	static MySqlBattery start(ServerAccess access, Path directory) throws SQLException {
		ServerProcess server = access.server().start(directory.resolve("server"));
		try (Connection connection = JdbcDriver.dataSource(server.url(access.driver(), "mysql")).getConnection();
				Statement statement = connection.createStatement()) {
			statement.execute("create database " + DATABASE);
		}
		return new MySqlBattery(access, server);
	}

	@Override
	String dialect() {
		return (this.access.server() == TestServer.MYSQL_8_0) ? "mysql" : "mariadb";
	}

	@Override
	int port() {
		return this.server.port();
	}

	@Override
	String url(int port) {
		return ServerAccess.withPort(this.server.url(this.access.driver(), DATABASE), port);
	}

	@Override
	void stop() {
		this.server.kill();
	}

	@Override
	void start() throws IOException, InterruptedException {
		this.server.start();
	}

	@Override
	Remedy lockTables() throws SQLException {
		return begin(List.of("lock tables " + LEASES + " write, " + LOCKS + " write"));
	}

	/** Changes of the schema are no part of a transaction here. */
	@Override
	Remedy dropTables() throws SQLException {
		return renameTables();
	}

	@Override
	List<String> dawdle(String table) {
		return mishap(table, "do sleep(rand() * " + DAWDLING.toMillis() / 1000.0 + ")");
	}

	@Override
	List<String> failToSerialize(String table) {
		return mishap(table, "signal sqlstate '" + SERIALIZATION_FAILURE
				+ "' set mysql_errno = 1213, message_text = 'somebody else comes first'");
	}

	private static List<String> mishap(String table, String what) {
		return List.of(mishap(table, "insert", what), mishap(table, "update", what));
	}

	private static String mishap(String table, String event, String what) {
		return "create trigger " + trigger(table) + "_" + event + " before " + event + " on " + table
				+ " for each row begin if rand() < " + MISHAP_RATE + " then " + what + "; end if; end";
	}

	@Override
	List<String> dropMishap(String table) {
		return List.of("drop trigger " + trigger(table) + "_insert", "drop trigger " + trigger(table) + "_update");
	}

	@Override
	int sessions() throws SQLException {
		return Integer.parseInt(texts("select count(*) from information_schema.processlist where db = '" + DATABASE
				+ "' and id <> connection_id()")
			.get(0));
	}

	@Override
	public void close() {
		this.server.close();
	}

}
