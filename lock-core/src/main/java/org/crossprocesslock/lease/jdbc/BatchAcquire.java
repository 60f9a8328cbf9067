package org.crossprocesslock.lease.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.KeyLook;
import org.crossprocesslock.lease.LeaseStore.Unanswered;

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
			boolean bad = this.statements.meaning(ex) == ErrorMeaning.BAD_ROW;
			if (!bad && this.results.isEmpty()) {
				throw ex;
			}
			int half = orders.size() / 2;
			if (!bad) {
				orders.forEach((order) -> this.results.add(unanswered(order, ex)));
			}
			else if (half == 0) {
				this.results.add(this.failed.apply(orders.get(0), ex));
			}
			else {
				acquire(orders.subList(0, half));
				acquire(orders.subList(half, orders.size()));
			}
		}
	}

	private Unanswered unanswered(AcquireOrder order, SQLException ex) {
		return StoreErrors.unanswered(this.failed.apply(order, ex));
	}

	/**
	 * After the end of a session an answer counts only if it is the same whatever became
	 * of what that session did. It may have taken rows, which are found with the own
	 * lease then; and rows that it had not committed are locked until it has let go of
	 * them.
	 * @throws SQLException the end of the session, if there is no such answer
	 */
	private List<AcquireResult> certain(List<AcquireOrder> orders) throws SQLException {
		List<AcquireResult> answers = once(orders);
		SQLException ended = this.session.ended();
		if (ended == null) {
			return answers;
		}
		List<AcquireResult> certain = new ArrayList<>();
		List<AcquireOrder> uncertain = new ArrayList<>();
		List<AcquireOrder> open = settle(orders, answers, certain, uncertain);
		for (int attempt = 1; !open.isEmpty() && attempt < ATTEMPTS && this.session.hasTime(); attempt++) {
			this.session.pause(attempt);
			try {
				open = settle(open, once(open), certain, uncertain);
			}
			catch (SQLException ex) {
				if (ex != ended) {
					ended.addSuppressed(ex);
				}
				break;
			}
		}
		if (certain.isEmpty()) {
			throw ended;
		}
		Stream.concat(uncertain.stream(), open.stream()).forEach((order) -> certain.add(unanswered(order, ended)));
		return certain;
	}

	private List<AcquireResult> once(List<AcquireOrder> orders) throws SQLException {
		return this.session
			.run((connection) -> this.statements.acquire(connection, this.leaseId, this.notAfter, orders));
	}

	/** Sorts the answers, and answers with the orders that are worth another trial. */
	private List<AcquireOrder> settle(List<AcquireOrder> orders, List<AcquireResult> answers,
			List<AcquireResult> certain, List<AcquireOrder> uncertain) {
		Map<String, AcquireOrder> byKey = orders.stream()
			.collect(Collectors.toMap(AcquireOrder::key, Function.identity()));
		List<AcquireOrder> open = new ArrayList<>();
		for (AcquireResult answer : answers) {
			AcquireOrder order = Objects.requireNonNull(byKey.get(answer.key()));
			if (answer instanceof Granted) {
				certain.add(answer);
			}
			else if (!(answer instanceof Busy busy) || this.leaseId.equals(busy.seen().leaseId())) {
				uncertain.add(order);
			}
			else if (mayBeTaken(busy.seen(), order)) {
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
