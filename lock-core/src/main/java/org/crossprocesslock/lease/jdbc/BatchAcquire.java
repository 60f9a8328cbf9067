package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;

/**
 * One acquire of several keys, which are acquired together as far as they can be. Used by
 * one thread.
 */
final class BatchAcquire {

	/**
	 * How often a key is tried that nobody has although its row is locked: the session
	 * that was ended may not have let go of it yet.
	 */
	private static final int ATTEMPTS = 8;

	private final LeaseStatements statements;

	private final StoreConnection.Session session;

	private final String leaseId;

	private final long notAfter;

	private final BiFunction<AcquireOrder, SQLException, Failed> failed;

	private final List<AcquireResult> results = new ArrayList<>();

	BatchAcquire(LeaseStatements statements, StoreConnection.Session session, String leaseId, long notAfter,
			BiFunction<AcquireOrder, SQLException, Failed> failed) {
		this.statements = statements;
		this.session = session;
		this.leaseId = leaseId;
		this.notAfter = notAfter;
		this.failed = failed;
	}

	List<AcquireResult> run(List<AcquireOrder> orders) throws SQLException {
		acquire(orders);
		return this.results;
	}

	/** Halves what fails because of a row, until the row is alone with its failure. */
	private void acquire(List<AcquireOrder> orders) throws SQLException {
		if (!this.results.isEmpty() && !this.session.hasTime()) {
			orders.forEach((order) -> this.results.add(this.failed.apply(order, this.session.outOfTime())));
			return;
		}
		try {
			this.results.addAll(certain(orders));
		}
		catch (SQLException ex) {
			if (this.statements.meaning(ex) != ErrorMeaning.BAD_ROW) {
				throw ex;
			}
			int half = orders.size() / 2;
			if (half == 0) {
				this.results.add(this.failed.apply(orders.get(0), ex));
			}
			else {
				acquire(orders.subList(0, half));
				acquire(orders.subList(half, orders.size()));
			}
		}
	}

	/**
	 * After the end of a session an answer counts only if it is the same whatever became
	 * of what that session did. It may have taken rows, which are found with the own
	 * lease then; and rows that it had not committed are locked until it has let go of
	 * them.
	 * @throws SQLException the end of the session, if there is no such answer for one of
	 * the keys; any of them may have been taken then
	 */
	private List<AcquireResult> certain(List<AcquireOrder> orders) throws SQLException {
		List<AcquireResult> certain = new ArrayList<>();
		List<AcquireOrder> rest = orders;
		SQLException ended = null;
		for (int attempt = 1;; attempt++) {
			List<AcquireResult> answers = once(rest);
			ended = (ended != null) ? ended : this.session.ended();
			if (ended == null) {
				return answers;
			}
			rest = settle(rest, answers, certain, ended);
			if (rest.isEmpty()) {
				return certain;
			}
			if (attempt == ATTEMPTS || !this.session.hasTime()) {
				throw ended;
			}
			this.session.pause(attempt);
		}
	}

	private List<AcquireResult> once(List<AcquireOrder> orders) throws SQLException {
		return this.session
			.run((connection) -> this.statements.acquire(connection, this.leaseId, this.notAfter, orders));
	}

	/** Collects what is certain, and answers with the orders that are worth a trial. */
	private List<AcquireOrder> settle(List<AcquireOrder> orders, List<AcquireResult> answers,
			List<AcquireResult> certain, SQLException ended) throws SQLException {
		Map<String, AcquireOrder> byKey = orders.stream()
			.collect(Collectors.toMap(AcquireOrder::key, Function.identity()));
		List<AcquireOrder> open = new ArrayList<>();
		for (AcquireResult answer : answers) {
			if (answer instanceof Granted) {
				certain.add(answer);
				continue;
			}
			if (!(answer instanceof Busy busy) || this.leaseId.equals(busy.seen().leaseId())) {
				throw ended;
			}
			AcquireOrder order = Objects.requireNonNull(byKey.get(busy.key()));
			if (mayBeTaken(busy.seen(), order)) {
				open.add(order);
			}
			else {
				certain.add(answer);
			}
		}
		return open;
	}

	/** What is kept now was so before. */
	private static boolean mayBeTaken(KeyLook seen, AcquireOrder order) {
		return seen.kept() == null && (seen.leaseId() == null || seen.leaseId().equals(order.deadLeaseId()));
	}

}
