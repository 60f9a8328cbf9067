package org.crossprocesslock.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;

import javax.sql.DataSource;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.ServerPort;
import org.h2.tools.Server;

/** An H2 file served over TCP by this process. */
final class H2Battery extends BatteryDatabase {

	private final Path directory;

	private final int port;

	private Server server;

	private H2Battery(Path directory, Server server) {
		this.directory = directory;
		this.server = server;
		this.port = server.getPort();
	}

	static H2Battery start(Path directory) throws IOException, SQLException {
		return new H2Battery(directory, server(ServerPort.choose()));
	}

	private static Server server(int port) throws SQLException {
		return Server.createTcpServer("-tcpPort", Integer.toString(port), "-ifNotExists").start();
	}

	@Override
	String dialect() {
		return "h2";
	}

	@Override
	int port() {
		return this.port;
	}

	@Override
	String url(int port) {
		return "jdbc:h2:tcp://localhost:" + port + "/" + this.directory.resolve("h2").toAbsolutePath()
				+ ";WRITE_DELAY=0";
	}

	/** A process that was stopped may hold locks until it goes on. */
	@Override
	DataSource direct() {
		return dataSource(url(this.port) + ";LOCK_TIMEOUT=" + Eventually.LIMIT.toMillis());
	}

	@Override
	void stop() {
		this.server.stop();
	}

	@Override
	void start() throws SQLException {
		this.server = server(this.port);
	}

	/** H2 has no lock on a table, so each row is locked. */
	@Override
	Remedy lockTables() throws SQLException {
		return begin(List.of("select * from " + LEASES + " for update", "select * from " + LOCKS + " for update"));
	}

	/** Changes of the schema are no part of a transaction here. */
	@Override
	Remedy dropTables() throws SQLException {
		return renameTables();
	}

	@Override
	List<String> dawdle(String table) {
		return mishap(table, H2Mishaps.Dawdling.class);
	}

	@Override
	List<String> failToSerialize(String table) {
		return mishap(table, H2Mishaps.SerializationFailure.class);
	}

	private static List<String> mishap(String table, Class<?> trigger) {
		return List.of("create trigger " + trigger(table) + " before insert, update on " + table
				+ " for each row call '" + trigger.getName() + "'");
	}

	@Override
	List<String> dropMishap(String table) {
		return List.of("drop trigger " + trigger(table));
	}

	@Override
	int sessions() throws SQLException {
		return Integer.parseInt(
				texts("select count(*) from information_schema.sessions where session_id <> session_id()").get(0));
	}

	@Override
	public void close() {
		stop();
	}

}
