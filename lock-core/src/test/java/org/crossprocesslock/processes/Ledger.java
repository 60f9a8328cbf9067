package org.crossprocesslock.processes;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * A table that is only inserted into, so that no lock of the database keeps writers
 * apart: each transaction reads the highest number of a key and appends two entries with
 * the next ones.
 */
final class Ledger {

	static final int ENTRIES_PER_TRANSACTION = 2;

	private Ledger() {
	}

	static void create(TestDatabase database) throws SQLException {
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			statement
				.execute("create table ledger (lock_key varchar(100), n bigint, token bigint, process varchar(100))");
		}
	}

	static long last(Connection connection, String key) throws SQLException {
		try (PreparedStatement statement = connection
			.prepareStatement("select coalesce(max(n), 0) from ledger where lock_key = ?")) {
			statement.setString(1, key);
			try (ResultSet row = statement.executeQuery()) {
				row.next();
				return row.getLong(1);
			}
		}
	}

	static void append(Connection connection, Entry entry) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement("insert into ledger values (?, ?, ?, ?)")) {
			statement.setString(1, entry.commit().key());
			statement.setLong(2, entry.n());
			statement.setLong(3, entry.commit().token());
			statement.setString(4, entry.commit().process());
			statement.executeUpdate();
		}
	}

	/** All entries, in order. */
	static List<Entry> read(TestDatabase database) throws SQLException {
		List<Entry> entries = new ArrayList<>();
		try (Connection connection = database.dataSource().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement
					.executeQuery("select lock_key, n, token, process from ledger order by lock_key, n, token")) {
			while (row.next()) {
				entries.add(new Entry(new Commit(row.getString(1), row.getLong(3), row.getString(4)), row.getLong(2)));
			}
		}
		return entries;
	}

	/**
	 * What is in the ledger after the commits one by one, in the order of their tokens.
	 */
	static List<Entry> serialHistory(Collection<Commit> commits) {
		List<Commit> ordered = new ArrayList<>(commits);
		ordered.sort(Comparator.comparing(Commit::key).thenComparing(Commit::token));
		List<Entry> entries = new ArrayList<>();
		String key = "";
		long n = 0;
		for (Commit commit : ordered) {
			n = commit.key().equals(key) ? n : 0;
			key = commit.key();
			for (int i = 0; i < ENTRIES_PER_TRANSACTION; i++) {
				n++;
				entries.add(new Entry(commit, n));
			}
		}
		return entries;
	}

	/**
	 * A transaction that was committed.
	 *
	 * @param key the key that protected it
	 * @param token its fencing token
	 * @param process whose it was
	 */
	record Commit(String key, long token, String process) {

	}

	/**
	 * A row.
	 *
	 * @param commit the transaction that has written it
	 * @param n its number, which only one entry of the key should have
	 */
	record Entry(Commit commit, long n) {

	}

}
