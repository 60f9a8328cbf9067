package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

import javax.sql.DataSource;

import org.crossprocesslock.LockStoreException;
import org.jspecify.annotations.Nullable;

/** Finds out which database there is. */
final class Databases {

	private Databases() {
	}

	/**
	 * The dialect of that name, or without one that of the database.
	 * @throws UnsupportedDatabaseException if there is none
	 * @throws LockStoreException if the database cannot be asked
	 */
	static Dialect dialect(DataSource dataSource, @Nullable String name, Limits limits) {
		if (name != null) {
			return Dialect.named(name);
		}
		try (Call call = new Call(limits); ConnectionOpener opener = new ConnectionOpener(dataSource)) {
			CompletableFuture<Connection> opened = opener.open();
			try (Connection connection = call.await(opened)) {
				return Dialect.detect(connection);
			}
			catch (SQLException ex) {
				ConnectionOpener.abandon(opened);
				throw ex;
			}
		}
		catch (SQLException ex) {
			throw StoreErrors.unreachable(ex);
		}
	}

}
