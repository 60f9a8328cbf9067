package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;

import javax.sql.DataSource;

import org.crossprocesslock.lease.jdbc.LeaseStatements.Undo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Borrows a connection per call and returns it in the state it came. */
final class BorrowedConnections implements ConnectionSource {

	private static final Logger logger = LoggerFactory.getLogger(BorrowedConnections.class);

	private final ConnectionOpener opener;

	private final LeaseStatements statements;

	private @Nullable Undo undo;

	BorrowedConnections(DataSource dataSource, LeaseStatements statements) {
		this.opener = new ConnectionOpener(dataSource);
		this.statements = statements;
	}

	@Override
	public Connection take(Call call) throws SQLException {
		CompletableFuture<Connection> opened = this.opener.open();
		Connection connection;
		try {
			connection = call.await(opened);
		}
		catch (SQLException ex) {
			ConnectionOpener.abandon(opened);
			throw ex;
		}
		try {
			this.undo = this.statements.prepare(connection);
		}
		catch (SQLException ex) {
			discard(connection);
			throw ex;
		}
		return connection;
	}

	@Override
	public void giveBack(Connection connection, boolean usable) {
		Undo undo = this.undo;
		this.undo = null;
		try {
			if (undo != null) {
				undo.undo();
			}
			connection.close();
		}
		catch (SQLException ex) {
			// whatever the call has to answer is known already
			logger.debug("A borrowed connection could not be returned as it came and is thrown away", ex);
			discard(connection);
		}
	}

	/** Breaks the connection before closing it, so that no pool gives it to anybody. */
	private static void discard(Connection connection) {
		try {
			connection.abort(Runnable::run);
		}
		catch (SQLException ex) {
			logger.debug("Aborting a connection failed", ex);
		}
		ConnectionOpener.close(connection);
	}

	@Override
	public void close() {
		this.opener.close();
	}

}
