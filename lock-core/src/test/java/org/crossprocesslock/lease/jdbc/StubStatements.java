package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Kept;
import org.crossprocesslock.lease.LeaseStore.Looked;
import org.crossprocesslock.lease.Notice;
import org.crossprocesslock.lease.LeaseStore.ReleaseOrder;
import org.crossprocesslock.lease.jdbc.StoreConnection.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * Statements of no database: those of a proof succeed, and errors mean what they do on
 * PostgreSQL.
 */
final class StubStatements extends LeaseStatements {

	/** The connections on which a row was deleted, the last one last. */
	final List<Connection> deleted = new CopyOnWriteArrayList<>();

	/** The labels that connections were given. */
	final List<String> labels = new CopyOnWriteArrayList<>();

	/** So many connections cannot be set up yet. */
	final AtomicInteger unprepared = new AtomicInteger();

	/** What setting one up does before. */
	volatile @Nullable Transaction<?> preparing;

	/**
	 * What showing whose connection it is does before, which happens to own ones only.
	 */
	volatile @Nullable Transaction<?> naming;

	/** What setting one up fails with. */
	volatile SQLException failure = new SQLException("the session was ended", "57P01");

	/** What bringing one back fails with. */
	volatile @Nullable Throwable undoFailure;

	/** What showing whose connection it is fails with, which happens to own ones only. */
	volatile @Nullable Throwable nameFailure;

	/** What deleting a row fails with. */
	volatile @Nullable Throwable deleteFailure;

	/** Deleting a row waits for that. */
	volatile @Nullable CountDownLatch deleting;

	/** Whether a row that is to be deleted is there. */
	volatile boolean finds = true;

	/** What looking for the tables fails with. */
	volatile @Nullable SQLException probeFailure;

	/** For how long the rows of proofs count. */
	final List<Duration> proofs = new CopyOnWriteArrayList<>();

	/** What becomes of orders. */
	volatile Acquiring acquiring = (orders) -> {
		throw new UnsupportedOperationException();
	};

	StubStatements() {
		super(new TableNames("stub_"), "0", "''", Dialect.POSTGRESQL);
	}

	@Override
	Undo prepare(Connection connection) throws SQLException {
		Transaction<?> preparing = this.preparing;
		if (preparing != null) {
			preparing.run(connection);
		}
		if (this.unprepared.getAndUpdate((left) -> Math.max(0, left - 1)) > 0) {
			throw this.failure;
		}
		return () -> {
			fail(this.undoFailure);
		};
	}

	private static void fail(@Nullable Throwable failure) throws SQLException {
		if (failure instanceof SQLException ex) {
			throw ex;
		}
		if (failure instanceof Error ex) {
			throw ex;
		}
		if (failure != null) {
			throw (RuntimeException) failure;
		}
	}

	@Override
	boolean isEndOfSession(SQLException ex) {
		return "57P01".equals(ex.getSQLState());
	}

	@Override
	void name(Connection connection, String label) throws SQLException {
		Transaction<?> naming = this.naming;
		if (naming != null) {
			naming.run(connection);
		}
		fail(this.nameFailure);
		this.labels.add(label);
	}

	@Override
	int update(Connection connection, String sql, Object... parameters) throws SQLException {
		fail(this.deleteFailure);
		CountDownLatch latch = this.deleting;
		if (latch != null) {
			TimeSource.SYSTEM.await(latch, Eventually.LIMIT.multipliedBy(2));
		}
		this.deleted.add(connection);
		return this.finds ? 1 : 0;
	}

	@Override
	@SuppressWarnings("unchecked")
	<T> List<T> query(Connection connection, String sql, Row<T> row, Object... parameters) throws SQLException {
		if (sql.startsWith("insert")) {
			this.proofs.add(Duration.of((Long) parameters[2], ChronoUnit.MICROS));
			return List.of((T) new Kept(0, "session", 1));
		}
		SQLException probe = this.probeFailure;
		if (probe != null) {
			throw probe;
		}
		return List.of();
	}

	@Override
	String written(String statement, String columns) {
		return statement;
	}

	@Override
	String version(Connection connection) {
		throw new UnsupportedOperationException();
	}

	@Override
	Survey survey(Connection connection) {
		throw new UnsupportedOperationException();
	}

	@Override
	List<String> missingGrants(Connection connection) {
		throw new UnsupportedOperationException();
	}

	@Override
	List<String> missingKeys(Connection connection, TableNames tables) {
		throw new UnsupportedOperationException();
	}

	@Override
	List<AcquireResult> acquire(Connection connection, String leaseId, long notAfter, List<AcquireOrder> orders)
			throws SQLException {
		return this.acquiring.run(orders);
	}

	@Override
	Set<String> release(Connection connection, List<ReleaseOrder> orders, List<Notice> notices) {
		throw new UnsupportedOperationException();
	}

	@Override
	Looked look(Connection connection, List<String> keys) {
		throw new UnsupportedOperationException();
	}

	@Override
	int purgeLocks(Connection connection, long ageMicros) {
		throw new UnsupportedOperationException();
	}

	@Override
	int purgeLeases(Connection connection, long ageMicros) {
		throw new UnsupportedOperationException();
	}

	@Override
	String lockRowsSql(int keys) {
		throw new UnsupportedOperationException();
	}

	/** Acquires. */
	interface Acquiring {

		List<AcquireResult> run(List<AcquireOrder> orders) throws SQLException;

	}

}
