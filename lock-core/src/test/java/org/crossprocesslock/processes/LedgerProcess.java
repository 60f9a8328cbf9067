package org.crossprocesslock.processes;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.CommitFence;
import org.crossprocesslock.lease.jdbc.FencedCommit;
import org.crossprocesslock.lease.jdbc.FencedTransaction;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.processes.Ledger.Commit;
import org.crossprocesslock.processes.Ledger.Entry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of a {@link ChildJvm} that writes to a {@link Ledger}, each transaction
 * under the lock of its key. Its arguments are the database's URL, a label and the lease
 * duration in milliseconds. {@code write <key> <stall> <way>} starts a transaction that
 * halts at a point and says so, until {@code go <key>}.
 */
final class LedgerProcess {

	/** Where a transaction halts. */
	enum Stall {

		NEVER, BEFORE_FIRST_WRITE, BETWEEN_WRITES, BEFORE_COMMIT,

		/** Between the check of the fence and the commit; only {@link Way#CHECKED}. */
		AFTER_CHECK

	}

	/** How a transaction is committed. */
	enum Way {

		/** By a {@link FencedTransaction}. */
		FENCED,

		/** After a check of the fence, as a transaction manager would. */
		CHECKED,

		/** As if there were no fence. */
		PLAIN

	}

	private static final Logger logger = LoggerFactory.getLogger(LedgerProcess.class);

	private final TestDatabase database;

	private final String label;

	private final CommitFence fence;

	private final LockManager manager;

	private final Map<String, CountDownLatch> halted = new ConcurrentHashMap<>();

	private LedgerProcess(TestDatabase database, String label, Duration lease) {
		this.database = database;
		this.label = label;
		JdbcLeaseStore store = JdbcLeaseStore.builder(database.dataSource())
			.platform(database.dialect())
			.leaseDuration(lease)
			.ownConnections(database.dataSource())
			.build();
		this.fence = store.commitFence();
		this.manager = new LeaseLockManager(store, LeaseOptions.defaults().withLeaseDuration(lease), label,
				new LockListener() {
				});
	}

	public static void main(String[] arguments) throws Exception {
		LedgerProcess process = new LedgerProcess(new TestDatabase(arguments[0]), arguments[1],
				Duration.ofMillis(Long.parseLong(arguments[2])));
		ExecutorService writers = Executors.newCachedThreadPool();
		// read on this thread alone, so that the end of the parent is noticed at once
		BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = commands.readLine(); line != null; line = commands.readLine()) {
			String[] words = line.split(" ", -1);
			switch (words[0]) {
				case "write" ->
					writers.execute(() -> process.writeOrDie(words[1], Stall.valueOf(words[2]), Way.valueOf(words[3])));
				case "go" -> process.halt(words[1]).countDown();
				default -> throw new IllegalArgumentException(words[0]);
			}
		}
		Runtime.getRuntime().halt(0);
	}

	private static void answer(String line) {
		PrintStream output = System.out;
		output.println(ChildJvm.ANSWER + line);
		output.flush();
	}

	private void writeOrDie(String key, Stall stall, Way way) {
		try {
			while (!write(new Writing(key, stall, way))) {
				logger.info("Again, since the lease ran out before anybody wanted it to: {}", key);
			}
		}
		catch (Throwable ex) {
			// the parent shows what this process has printed
			logger.error("Failed: {} {} {}", key, stall, way, ex);
			Runtime.getRuntime().halt(1);
		}
	}

	/** Answers {@code false} where a busy machine has cost the lease before the stall. */
	private boolean write(Writing writing) throws Exception {
		LockGuard guard = null;
		try {
			guard = this.manager.lock(writing.key, Duration.ofMinutes(1));
			writing.run(guard);
			answer("outcome " + writing.key + " committed " + guard.fencingToken());
			return true;
		}
		catch (LockLostException ex) {
			if (writing.reached) {
				answer("outcome " + writing.key + " lost");
			}
			return writing.reached;
		}
		catch (LockStoreException ex) {
			logger.info("The store did not grant the key", ex);
			return false;
		}
		finally {
			close(guard);
		}
	}

	private static void close(@Nullable LockGuard guard) {
		try {
			if (guard != null) {
				guard.close();
			}
		}
		catch (LockLostException ex) {
			logger.info("Lost at the close: {}", ex.getMessage());
		}
	}

	private CountDownLatch halt(String key) {
		return this.halted.computeIfAbsent(key, (absent) -> new CountDownLatch(1));
	}

	/** One transaction. */
	private final class Writing {

		private final String key;

		private final Stall stall;

		private final Way way;

		private boolean reached;

		Writing(String key, Stall stall, Way way) {
			this.key = key;
			this.stall = stall;
			this.way = way;
		}

		void run(LockGuard guard) throws SQLException, InterruptedException {
			try (Connection connection = LedgerProcess.this.database.dataSource().getConnection()) {
				switch (this.way) {
					case FENCED -> fenced(connection, guard);
					case CHECKED -> checked(connection, guard);
					case PLAIN -> plain(connection, guard);
				}
			}
		}

		private void fenced(Connection connection, LockGuard guard) throws SQLException, InterruptedException {
			try (FencedTransaction transaction = LedgerProcess.this.fence.begin(connection, guard)) {
				append(connection, guard);
				transaction.commit();
			}
		}

		private void checked(Connection connection, LockGuard guard) throws SQLException, InterruptedException {
			connection.setAutoCommit(false);
			append(connection, guard);
			try (FencedCommit commit = LedgerProcess.this.fence.check(connection, List.of(guard))) {
				haltAt(Stall.AFTER_CHECK);
				connection.commit();
				commit.committed();
			}
		}

		private void plain(Connection connection, LockGuard guard) throws SQLException, InterruptedException {
			connection.setAutoCommit(false);
			append(connection, guard);
			connection.commit();
		}

		private void append(Connection connection, LockGuard guard) throws SQLException, InterruptedException {
			Commit commit = new Commit(this.key, guard.fencingToken(), LedgerProcess.this.label);
			long last = Ledger.last(connection, this.key);
			haltAt(Stall.BEFORE_FIRST_WRITE);
			Ledger.append(connection, new Entry(commit, last + 1));
			haltAt(Stall.BETWEEN_WRITES);
			Ledger.append(connection, new Entry(commit, last + 2));
			haltAt(Stall.BEFORE_COMMIT);
		}

		private void haltAt(Stall point) throws InterruptedException {
			if (point == this.stall) {
				this.reached = true;
				answer("stalled " + this.key);
				halt(this.key).await();
				LedgerProcess.this.halted.remove(this.key);
			}
		}

	}

}
