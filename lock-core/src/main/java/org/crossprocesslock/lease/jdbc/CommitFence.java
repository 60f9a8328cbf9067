package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.sql.DataSource;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.GuardInCommit;
import org.crossprocesslock.lease.jdbc.LeaseStatements.LockRow;

/**
 * Lets a transaction commit only while its guards still have their keys. For transactions
 * in the database that has the lock tables.
 * <p>
 * <b>Guaranteed:</b> a transaction that was checked, and began after its guards were
 * acquired, commits nothing once another process had one of their keys. One statement in
 * the transaction reads the rows of the keys and keeps them locked until the transaction
 * is over, so no other process can acquire a key between the check and the commit: until
 * then it is busy. No clock takes part, so this holds for a process that was paused for
 * any time, and when the clock of the database jumps. It holds at every isolation level;
 * a heartbeat in between touches other rows. Guards that share a key inside this process
 * ({@link org.crossprocesslock.LockMode#SHARED_IN_PROCESS}) are fenced against other
 * processes, not against each other.
 * </p>
 * <p>
 * <b>Not guaranteed:</b> anything about work outside of the transaction, such as a
 * message sent meanwhile. A process that stops for good between the check and the commit
 * keeps the key until the database ends its session: PostgreSQL does so after one lease
 * duration ({@code idle_in_transaction_session_timeout} of this transaction), MariaDB has
 * a limit that an administrator sets ({@code idle_transaction_timeout}), MySQL and H2
 * have none.
 * </p>
 * <p>
 * On a database without {@code for share} (H2) the rows are locked exclusively, so fenced
 * commits under guards that share a key wait for each other. Safe from any thread; a
 * connection must be used by one thread at a time.
 * </p>
 *
 * @since 0.1.0
 * @see JdbcLeaseStore#commitFence()
 */
public final class CommitFence {

	/** SQLState of what a read-only transaction must not do. */
	private static final String READ_ONLY = "25006";

	private final JdbcLeaseStore store;

	private final LeaseStatements statements;

	CommitFence(JdbcLeaseStore store, LeaseStatements statements) {
		this.store = store;
		this.statements = statements;
	}

	/**
	 * The DataSource of the store.
	 * @return the one whose connections surely reach the tables
	 */
	public DataSource dataSource() {
		return this.store.dataSource();
	}

	/**
	 * Whether a guard was granted from the tables of this fence.
	 * @param guard any guard
	 * @return whether the methods here accept it
	 */
	public boolean covers(LockGuard guard) {
		return GuardInCommit.isGrantedBy(this.store, guard);
	}

	/**
	 * Begins a transaction that {@link FencedTransaction#commit() commits} only under the
	 * guards.
	 * @param connection a connection in autocommit mode, so without a transaction
	 * @param guards the guards, at least one, all of them held
	 * @return the transaction, to be closed
	 * @throws SQLException if the connection cannot begin a transaction
	 * @throws IllegalArgumentException if a guard was not granted from these tables, or
	 * there is none
	 * @throws IllegalStateException if the connection is not in autocommit mode (a
	 * transaction that has read before the guard was acquired cannot be fenced), or a
	 * guard is closed
	 * @throws LockLostException if a guard is lost
	 */
	public FencedTransaction begin(Connection connection, LockGuard... guards) throws SQLException {
		if (guards.length == 0) {
			throw new IllegalArgumentException("There is no guard for the transaction to commit under");
		}
		requireCovered(List.of(guards));
		List.of(guards).forEach(LockGuard::checkHeld);
		if (!connection.getAutoCommit()) {
			throw new IllegalStateException("The connection is in a transaction already, which may have read before "
					+ "the lock was acquired; begin with a connection in autocommit mode");
		}
		connection.setAutoCommit(false);
		return new FencedTransaction(this, connection, List.of(guards));
	}

	/**
	 * Checks the guards with one statement in the transaction of the connection, whose
	 * commit must follow. Whatever is thrown: roll back. For the integration of a
	 * transaction manager; {@link #begin} does all of this.
	 * @param connection a connection in a transaction, not read-only, that <em>began
	 * after the guards were acquired</em>: what it has read before is not protected
	 * @param guards the guards; for none nothing is done
	 * @return the commit, which must be informed of its outcome
	 * @throws LockLostException if a guard is lost: the commit would be stale
	 * @throws SQLException if the statement failed; after a serialization failure the
	 * rows were read once more, on a connection of the store, and belong to the guards,
	 * or that failed too and is suppressed
	 * @throws IllegalArgumentException if a guard was not granted from these tables
	 * @throws IllegalStateException if a guard is closed, or the connection is in
	 * autocommit mode
	 */
	public FencedCommit check(Connection connection, Collection<LockGuard> guards) throws SQLException {
		FencedCommit commit = new FencedCommit();
		if (guards.isEmpty()) {
			return commit;
		}
		requireCovered(guards);
		if (connection.getAutoCommit()) {
			throw new IllegalStateException("The connection is in autocommit mode, so that the rows of the locks would "
					+ "not stay locked until a commit");
		}
		try {
			guards.forEach((guard) -> commit.add(GuardInCommit.begin(this.store, guard)));
		}
		catch (Throwable ex) {
			// nothing was locked yet
			commit.rolledBack();
			throw ex;
		}
		try {
			requireRows(connection, commit.guards());
			return commit;
		}
		catch (SQLException ex) {
			try (commit) {
				requireHeld(commit.guards(), guards, ex);
			}
			throw explained(ex);
		}
		catch (Throwable ex) {
			// whatever it is: a guard that stays in commit keeps its key for ever
			commit.close();
			throw ex;
		}
	}

	/**
	 * Whether the database refuses to write anything in the transaction, so that there is
	 * nothing to check. The read-only flag of a connection is no proof: for some
	 * databases it is a hint. Sends a statement.
	 * @param connection a connection in a transaction
	 * @return whether the transaction needs no check before it commits, and would not
	 * pass one
	 * @throws SQLException if the database does not say
	 */
	public boolean isNeedless(Connection connection) throws SQLException {
		return this.statements.isReadOnly(connection);
	}

	/**
	 * The role stays as the transaction has set it: whoever commits as another one has
	 * its triggers run as that one.
	 */
	private SQLException explained(SQLException ex) {
		if (READ_ONLY.equals(ex.getSQLState())) {
			return new SQLException("The transaction is read-only, or the database is (a standby), so that the rows of "
					+ "its locks cannot be locked before the commit. A read-only transaction writes nothing and needs no "
					+ "fence: begin it read-only, as @Transactional(readOnly = true) does, or without a fence; do not "
					+ "make a fenced one read-only (set transaction read only): " + ex.getMessage(), ex.getSQLState(),
					ex.getErrorCode(), ex);
		}
		if (this.statements.meaning(ex) != ErrorMeaning.NO_RIGHT) {
			return ex;
		}
		String table = this.statements.tables().lockName();
		return new SQLInvalidAuthorizationSpecException(
				"The user or role of the transaction may not lock the rows of its locks before the "
						+ "commit. If it was set in the transaction (set role), grant it what the check needs: grant select, "
						+ "update on " + table + " to <role>, and the right to use the schema: " + ex.getMessage(),
				ex.getSQLState(), ex.getErrorCode(), ex);
	}

	private void requireCovered(Collection<LockGuard> guards) {
		guards.forEach((guard) -> GuardInCommit.checkGrantedBy(this.store, guard));
	}

	private void requireRows(Connection connection, List<GuardInCommit> guards) throws SQLException {
		requireGrants(guards, this.statements.lockRows(connection, keys(guards)));
	}

	private static List<String> keys(List<GuardInCommit> guards) {
		return guards.stream().map(GuardInCommit::key).distinct().toList();
	}

	private static void requireGrants(List<GuardInCommit> guards, List<LockRow> found) {
		Map<String, LockRow> rows = new HashMap<>();
		found.forEach((row) -> rows.put(row.key(), row));
		LockLostException lost = null;
		for (GuardInCommit guard : guards) {
			LockRow row = rows.get(guard.key());
			if (row == null || row.leaseId() == null || !guard.isCarriedBy(row.leaseId(), row.token())) {
				lost = guard.taken();
			}
		}
		if (lost != null) {
			throw lost;
		}
	}

	/**
	 * A snapshot in which a row has changed since ends the statement with an error, which
	 * looks like a conflict that another attempt would solve. What the rows say now,
	 * while no guard can give up its key, tells the two apart.
	 */
	private void requireHeld(List<GuardInCommit> inCommit, Collection<LockGuard> guards, SQLException failure) {
		try {
			if (this.statements.isSerializationFailure(failure)) {
				requireGrants(inCommit,
						this.store.lookAside(keys(inCommit))
							.keys()
							.stream()
							.map((look) -> new LockRow(look.key(), look.leaseId(), look.token()))
							.toList());
			}
			guards.forEach(LockGuard::checkHeld);
		}
		catch (LockLostException ex) {
			ex.addSuppressed(failure);
			throw ex;
		}
		catch (LockStoreException | IllegalStateException ex) {
			failure.addSuppressed(ex);
		}
	}

}
