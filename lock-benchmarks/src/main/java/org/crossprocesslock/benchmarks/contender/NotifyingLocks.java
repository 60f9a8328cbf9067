package org.crossprocesslock.benchmarks.contender;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

import org.crossprocesslock.benchmarks.database.Database;
import org.postgresql.PGConnection;

/**
 * The bare statements with a release that notifies, and one waiter that listens: how soon
 * a key can change hands at best. Good for one waiting thread in a process.
 */
final class NotifyingLocks implements Locks {

	/** Only for a notification that was sent before this process listened. */
	private static final int NET_MILLIS = 500;

	private static final String RELEASE = """
			with released as (update bare_lock set holder = null where name = ? and holder = ? returning name)
			select pg_notify('bare_lock', name) from released""";

	private final StatementLocks statements;

	private final Connection listener;

	NotifyingLocks(Database database, Terms terms) {
		this.statements = new StatementLocks(database, terms);
		try {
			this.listener = database.unpooled().getConnection();
			try (Statement statement = this.listener.createStatement()) {
				statement.execute("listen bare_lock");
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public Acquired acquire(String key) {
		while (!this.statements.tryAcquire(key)) {
			awaitNotification();
		}
		return Acquired.withoutToken(() -> release(key));
	}

	private void awaitNotification() {
		try {
			this.listener.unwrap(PGConnection.class).getNotifications(NET_MILLIS);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void release(String key) {
		try (Connection connection = this.statements.pool().getConnection();
				PreparedStatement statement = connection.prepareStatement(RELEASE)) {
			statement.setString(1, key);
			statement.setString(2, this.statements.holder());
			statement.execute();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		this.statements.close();
		try {
			this.listener.close();
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
