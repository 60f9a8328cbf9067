package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

import org.crossprocesslock.LockGuard;

/**
 * A transaction that commits only while its guards still have their keys, see
 * {@link CommitFence}. Used by one thread at a time.
 *
 * <pre class="code">
 * try (LockGuard guard = lockManager.lock("stock-4711", Duration.ofSeconds(5));
 * 		Connection connection = dataSource.getConnection();
 * 		FencedTransaction transaction = fence.begin(connection, guard)) {
 * 	reserve(connection, item);
 * 	transaction.commit();
 * }
 * </pre>
 *
 * @since 0.1.0
 */
public final class FencedTransaction implements AutoCloseable {

	private static final SafeLog logger = new SafeLog(FencedTransaction.class);

	private final CommitFence fence;

	private final Connection connection;

	private final List<LockGuard> guards;

	private boolean over;

	private boolean closed;

	FencedTransaction(CommitFence fence, Connection connection, List<LockGuard> guards) {
		this.fence = fence;
		this.connection = connection;
		this.guards = guards;
	}

	/**
	 * Checks the guards and commits, and puts the connection back into autocommit mode,
	 * which is only logged if it fails. Blocks on I/O.
	 * @throws org.crossprocesslock.LockLostException if a guard was lost; nothing was
	 * committed
	 * @throws SQLException if the check failed, and nothing was committed, or the commit
	 * failed, and its outcome is unknown
	 * @throws IllegalStateException if a guard is closed or this transaction is over
	 */
	public void commit() throws SQLException {
		if (this.over) {
			throw new IllegalStateException("The transaction is over");
		}
		try (FencedCommit commit = this.fence.check(this.connection, this.guards)) {
			this.over = true;
			this.connection.commit();
			commit.committed();
		}
		this.closed = true;
		try {
			this.connection.setAutoCommit(true);
		}
		catch (Throwable ex) {
			// thrown, it would read as an unknown outcome, and the work would be repeated
			logger.warn("A transaction is committed, but its connection is not back in autocommit mode", ex);
		}
	}

	/**
	 * Rolls back what was not committed, also after a commit that failed. Puts the
	 * connection back into autocommit mode.
	 * @throws SQLException if that failed
	 */
	@Override
	public void close() throws SQLException {
		this.over = true;
		if (!this.closed) {
			this.closed = true;
			this.connection.rollback();
			this.connection.setAutoCommit(true);
		}
	}

}
