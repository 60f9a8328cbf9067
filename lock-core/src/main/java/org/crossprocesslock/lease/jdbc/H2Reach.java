package org.crossprocesslock.lease.jdbc;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;

import org.crossprocesslock.LockReach;
import org.jspecify.annotations.Nullable;

/** Finds out who else can open the H2 database of a connection. */
final class H2Reach {

	private static final DatabaseReach IN_MEMORY = new DatabaseReach(LockReach.THREADS,
			"the H2 database is in the memory of this process");

	private static final DatabaseReach EMBEDDED = new DatabaseReach(LockReach.THREADS,
			"the H2 database is a file that one process at a time can open");

	private static final DatabaseReach AUTO_SERVER = new DatabaseReach(LockReach.PROCESSES,
			"the H2 database is a file with AUTO_SERVER");

	/** What others were granted would be free when somebody opens the database again. */
	private static final DatabaseReach FORGETFUL = new DatabaseReach(LockReach.THREADS,
			"the H2 database forgets the commits of its last moments when the process that has it open is killed; "
					+ "append ;WRITE_DELAY=0 to its URL");

	/** In upper case and by place, as {@link H2Statements} reads settings. */
	private static final String WRITE_DELAY = """
			SELECT CAST(V AS INTEGER) FROM INFORMATION_SCHEMA.SETTINGS AS S (N, V) WHERE N = 'WRITE_DELAY'""";

	private H2Reach() {
	}

	static DatabaseReach of(Connection connection) throws SQLException {
		DatabaseReach reach = ofPlace(connection);
		return (reach.reach() != LockReach.THREADS && isWrittenLate(connection)) ? FORGETFUL : reach;
	}

	/** Never so in memory, where nothing is written. */
	private static boolean isWrittenLate(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(WRITE_DELAY)) {
			return row.next() && row.getInt(1) > 0;
		}
	}

	private static DatabaseReach ofPlace(Connection connection) throws SQLException {
		String url = String.valueOf(connection.getMetaData().getURL());
		if (url.startsWith("jdbc:h2:tcp:") || url.startsWith("jdbc:h2:ssl:")) {
			return DatabaseReach.SERVER;
		}
		try (Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("select database_path()")) {
			String path = row.next() ? row.getString(1) : null;
			return (path != null) ? ofFile(path) : IN_MEMORY;
		}
	}

	/** Whoever keeps a database open for others says so beside it. */
	private static DatabaseReach ofFile(String path) {
		Path lock = lockFile(path);
		if (lock == null) {
			return IN_MEMORY;
		}
		Properties written = new Properties();
		try (Reader file = Files.newBufferedReader(lock)) {
			written.load(file);
		}
		catch (IOException | IllegalArgumentException ex) {
			// most have no such file, and one that cannot be read helps nobody
			return EMBEDDED;
		}
		return (written.getProperty("server") != null) ? AUTO_SERVER : EMBEDDED;
	}

	private static @Nullable Path lockFile(String path) {
		try {
			Path file = Path.of(path + ".lock.db");
			// memFS: and its like look like relative paths
			return file.isAbsolute() ? file : null;
		}
		catch (InvalidPathException ex) {
			return null;
		}
	}

}
