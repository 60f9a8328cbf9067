package org.crossprocesslock.lease.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.crossprocesslock.engine.TimeSource;
import org.crossprocesslock.lease.LeaseStore;
import org.crossprocesslock.lease.LeaseStore.AcquireOrder;
import org.crossprocesslock.lease.LeaseStore.AcquireResult;
import org.crossprocesslock.lease.LeaseStore.Busy;
import org.crossprocesslock.lease.LeaseStore.Failed;
import org.crossprocesslock.lease.LeaseStore.Granted;
import org.crossprocesslock.lease.LeaseStore.TooLate;
import org.crossprocesslock.lease.LeaseStore.Unanswered;
import org.crossprocesslock.lease.jdbc.RowStatements.Seen;

/**
 * One acquire by {@link RowStatements}: a read, an insert of the rows that are absent, a
 * change of those that are free as they were read, a look at what others were faster to
 * take. Each that writes is one transaction and carries its last moment. Used once, by
 * one thread.
 * <p>
 * From the first row on that was taken, a failure is one of the keys that it is about:
 * run again, the acquire would find those rows with its own lease.
 * </p>
 */
final class RowAcquire {

	private static final String AS_SEEN = """
			s.lock_key {keys} and (s.lock_key, s.token) in ({pairs}) and {clock} <= ? and ({kept}) is not true""";

	private static final String TAKE = """
			lease_id = ?, previous_lease_id = ?, token = greatest(s.token + ?, ?),
			kept_until = {clock} + {keep}, kept_for = {keep}""";

	private static final String CREATE = """
			insert into {lock} (lock_key, lease_id, token, previous_lease_id, kept_until, kept_for)
			select n.lock_key, ?, {clock}, ?, {clock} + n.keep, n.keep from {new} where {clock} <= ?""";

	private static final String OWN = """
			select lock_key, token from {lock} where lock_key {keys} and lease_id = ?""";

	/** SQLState of a number that is too large. */
	static final String OUT_OF_RANGE = "22003";

	private final RowStatements statements;

	private final Connection connection;

	private final String leaseId;

	private final long notAfter;

	private final long startedNanos = TimeSource.SYSTEM.nanos();

	private final List<AcquireResult> results = new ArrayList<>();

	/** What others were faster to take, or keep locked. */
	private final List<String> lost = new ArrayList<>();

	private boolean wrote;

	RowAcquire(RowStatements statements, Connection connection, String leaseId, long notAfter) {
		this.statements = statements;
		this.connection = connection;
		this.leaseId = leaseId;
		this.notAfter = notAfter;
	}

	List<AcquireResult> run(List<AcquireOrder> orders) throws SQLException {
		Map<String, Seen> rows = this.statements.rows(this.connection, orders.stream().map(AcquireOrder::key).toList());
		if (rows.values().stream().anyMatch((row) -> row.clock() > this.notAfter)) {
			return orders.stream().<AcquireResult>map((order) -> new TooLate(order.key())).toList();
		}
		List<AcquireOrder> free = new ArrayList<>();
		List<AcquireOrder> absent = new ArrayList<>();
		for (AcquireOrder order : orders) {
			Seen row = rows.get(order.key());
			if (row == null) {
				absent.add(order);
			}
			else if (row.isFree(this.leaseId, order)) {
				row.requireNextToken();
				free.add(order);
			}
			else {
				this.results.add(new Busy(row.look()));
			}
		}
		create(absent);
		for (List<AcquireOrder> alike : free.stream().collect(Collectors.groupingBy(AcquireOrder::keep)).values()) {
			step(alike, () -> take(alike, rows));
		}
		lookAtLost();
		return this.results;
	}

	private void step(List<AcquireOrder> orders, Step step) throws SQLException {
		boolean sent = false;
		try {
			this.statements.requireTime(this.startedNanos);
			sent = true;
			step.run();
		}
		catch (SQLException ex) {
			if (!this.wrote) {
				throw ex;
			}
			boolean nothingDone = !sent || this.statements.meaning(ex).leavesNothingDone();
			orders.forEach(
					(order) -> this.results.add(nothingDone ? failed(order.key(), ex) : unanswered(order.key(), ex)));
		}
	}

	private Failed failed(String key, SQLException ex) {
		return new StoreErrors(this.statements).ofKey(key, ex);
	}

	private Unanswered unanswered(String key, SQLException ex) {
		return StoreErrors.unanswered(failed(key, ex));
	}

	private void lookAtLost() throws SQLException {
		try {
			this.statements.looks(this.connection, this.lost).forEach((seen) -> this.results.add(new Busy(seen)));
		}
		catch (SQLException ex) {
			if (!this.wrote) {
				throw ex;
			}
			this.lost.forEach((key) -> this.results.add(failed(key, ex)));
		}
	}

	/** All of them keep their keys for the same time. */
	private void take(List<AcquireOrder> orders, Map<String, Seen> rows) throws SQLException {
		List<Seen> seen = orders.stream().map((order) -> Objects.requireNonNull(rows.get(order.key()))).toList();
		List<String> keys = seen.stream().map(Seen::key).toList();
		long clock = seen.get(0).clock();
		List<Object> asSeen = new ArrayList<>(List.of(this.statements.listed(keys)));
		seen.forEach((row) -> asSeen.addAll(List.of(row.key(), row.token())));
		asSeen.add(this.notAfter);
		String condition = this.statements.about(AS_SEEN, keys.size())
			.replace("{pairs}", RowStatements.places("(?, ?)", keys.size()));
		String change = this.statements.format(TAKE).replace("{keep}", keep(orders.get(0)));
		int taken = persistently(() -> this.statements.change(this.connection, keys.size(), condition, asSeen, change,
				List.of(this.leaseId, this.leaseId, LeaseStore.TOKENS_PER_GRANT, clock)));
		if (taken == 0) {
			this.lost.addAll(keys);
			return;
		}
		this.wrote = true;
		Map<String, Long> tokens = new HashMap<>();
		seen.forEach((row) -> tokens.put(row.key(), Math.max(row.token() + LeaseStore.TOKENS_PER_GRANT, clock)));
		((taken == keys.size()) ? Optional.of(tokens) : own(keys)).ifPresent((own) -> {
			for (Seen row : seen) {
				long token = Objects.requireNonNull(tokens.get(row.key()));
				if (Objects.equals(own.get(row.key()), token)) {
					this.results.add(new Granted(row.key(), token, row.previousLeaseId()));
				}
				else {
					this.lost.add(row.key());
				}
			}
		});
	}

	/** Halves what somebody else has inserted one of, or one of is no key. */
	private void create(List<AcquireOrder> orders) throws SQLException {
		if (orders.isEmpty()) {
			return;
		}
		step(orders, () -> {
			List<String> keys = orders.stream().map(AcquireOrder::key).toList();
			try {
				this.statements.requireNobodyInserts(this.connection, keys);
				insert(orders, keys);
			}
			catch (SQLException ex) {
				boolean taken = this.statements.isTaken(ex);
				if (!taken && this.statements.meaning(ex) != ErrorMeaning.BAD_ROW) {
					throw ex;
				}
				if (taken) {
					this.statements.requireOpenTable(this.connection, ex);
				}
				int half = orders.size() / 2;
				if (half > 0) {
					create(orders.subList(0, half));
					create(orders.subList(half, orders.size()));
				}
				else if (taken) {
					this.lost.addAll(keys);
				}
				else {
					throw ex;
				}
			}
		});
	}

	private void insert(List<AcquireOrder> orders, List<String> keys) throws SQLException {
		List<Object> parameters = new ArrayList<>(List.of(this.leaseId, this.leaseId));
		parameters.addAll(keys);
		parameters.add(this.notAfter);
		String create = this.statements.format(CREATE)
			.replace("{new}", this.statements.fresh(orders.stream().map(this::keep).toList()));
		int created = persistently(() -> this.statements.update(this.connection, create, parameters.toArray()));
		if (created == 0) {
			keys.forEach((key) -> this.results.add(new TooLate(key)));
			return;
		}
		this.wrote = true;
		own(keys).ifPresent((own) -> {
			own.forEach((key, token) -> this.results.add(new Granted(key, token, null)));
			keys.stream().filter((key) -> !own.containsKey(key)).forEach(this.lost::add);
		});
	}

	/** The tokens of those that are the lease's, which only they can tell. */
	private Optional<Map<String, Long>> own(List<String> keys) {
		Map<String, Long> tokens = new HashMap<>();
		try {
			this.statements.query(this.connection, this.statements.about(OWN, keys.size()),
					(row) -> tokens.put(row.getString(1), row.getLong(2)),
					Stream.concat(Stream.of(this.statements.listed(keys)), Stream.of(this.leaseId)).toArray());
			return Optional.of(tokens);
		}
		catch (SQLException ex) {
			keys.forEach((key) -> this.results.add(unanswered(key, ex)));
			return Optional.empty();
		}
	}

	/**
	 * Runs it again if it made way for another transaction: what else was taken in this
	 * acquire would not be free the next time.
	 */
	private int persistently(RowStatements.Work<Integer> work) throws SQLException {
		for (int attempt = 1;; attempt++) {
			try {
				return work.run();
			}
			catch (SQLException ex) {
				if (this.statements.meaning(ex) != ErrorMeaning.MADE_WAY || this.statements.isTaken(ex)
						|| attempt == StoreConnection.ATTEMPTS || this.statements.isTimeOver(this.startedNanos)) {
					throw ex;
				}
			}
		}
	}

	/** A number, which is no parameter, since it may be null. */
	private String keep(AcquireOrder order) {
		return order.keep().isZero() ? this.statements.nothing() : Long.toString(LeaseStatements.keepMicros(order));
	}

	/** What is about some of the keys. */
	private interface Step {

		void run() throws SQLException;

	}

}
