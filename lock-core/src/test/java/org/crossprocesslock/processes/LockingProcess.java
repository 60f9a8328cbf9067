package org.crossprocesslock.processes;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.crossprocesslock.Eventually;
import org.crossprocesslock.LockGuard;
import org.crossprocesslock.LockKeys;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockLostException;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockRequest;
import org.crossprocesslock.LockTimeoutException;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of a {@link ChildJvm} that takes locks in a database. Its arguments are
 * the database's URL, a label, the lease duration in milliseconds and perhaps a stable
 * holder name. It creates the tables and starts its manager when it is told to
 * {@code start}.
 */
final class LockingProcess {

	private static final Logger logger = LoggerFactory.getLogger(LockingProcess.class);

	private final TestDatabase database;

	private final String label;

	private final LeaseOptions options;

	private final Map<String, LockGuard> guards = new TreeMap<>();

	private @Nullable LockManager manager;

	private LockingProcess(TestDatabase database, String label, LeaseOptions options) {
		this.database = database;
		this.label = label;
		this.options = options;
	}

	public static void main(String[] arguments) throws Exception {
		LeaseOptions options = LeaseOptions.defaults()
			.withLeaseDuration(Duration.ofMillis(Long.parseLong(arguments[2])))
			.withHolderName((arguments.length > 3) ? arguments[3] : null);
		LockingProcess process = new LockingProcess(new TestDatabase(arguments[0]), arguments[1], options);
		ExecutorService worker = Executors.newSingleThreadExecutor();
		answer("ready");
		// read on this thread alone, so that the end of the parent is noticed at once
		BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = commands.readLine(); line != null; line = commands.readLine()) {
			String[] words = line.split(" ", -1);
			worker.execute(() -> process.obeyOrDie(words));
		}
		Runtime.getRuntime().halt(0);
	}

	private static void answer(String line) {
		PrintStream output = System.out;
		output.println(ChildJvm.ANSWER + line);
		output.flush();
	}

	private void obeyOrDie(String[] words) {
		try {
			obey(words);
		}
		catch (Throwable ex) {
			// the parent shows what this process has printed
			logger.error("Failed: {}", String.join(" ", words), ex);
			Runtime.getRuntime().halt(1);
		}
	}

	private void obey(String[] words) throws Exception {
		switch (words[0]) {
			case "start" -> start();
			case "try" -> tryLock(words[1]);
			case "lock" -> lock(words[1], Duration.ofMillis(Long.parseLong(words[2])));
			case "keep" ->
				tryLock(LockRequest.of(words[1], Duration.ofMillis((words.length > 3) ? Long.parseLong(words[3]) : 0))
					.holdingAtLeast(Duration.ofMillis(Long.parseLong(words[2]))));
			case "look" -> this.guards.forEach((key, guard) -> answer("look " + key + " " + guard.isHeld()));
			case "held" -> answer("held " + this.guards.size());
			case "close" -> close(words[1]);
			case "count" -> count(words[1], Integer.parseInt(words[2]));
			case "exit" -> exit();
			default -> throw new IllegalArgumentException(words[0]);
		}
	}

	private LockManager manager() {
		LockManager current = this.manager;
		if (current == null) {
			throw new IllegalStateException("not started");
		}
		return current;
	}

	private void start() throws InterruptedException {
		this.database.createTables();
		JdbcLeaseStore store = JdbcLeaseStore.builder(this.database.dataSource())
			.leaseDuration(this.options.leaseDuration())
			.ownConnections(this.database.dataSource())
			.build();
		this.manager = new LeaseLockManager(store, this.options, this.label, new LockListener() {
		});
		openLease();
		answer("started");
	}

	/**
	 * With time enough, so that what a test asks for without waiting needs none for that.
	 */
	private void openLease() throws InterruptedException {
		manager().lock(LockKeys.of("lease of " + this.label), Eventually.LIMIT).close();
	}

	private void tryLock(String key) {
		Optional<LockGuard> guard = manager().tryLock(key);
		guard.ifPresentOrElse(this::keep, () -> answer("busy " + key));
	}

	private void tryLock(LockRequest request) throws InterruptedException {
		Optional<LockGuard> guard = manager().tryLock(request);
		guard.ifPresentOrElse(this::keep, () -> answer("busy " + request.key()));
	}

	private void lock(String key, Duration waitTime) throws InterruptedException {
		try {
			answer("waiting " + key);
			keep(manager().lock(key, waitTime));
		}
		catch (LockTimeoutException ex) {
			answer("timeout " + key + " " + ex.getHolder());
		}
	}

	private void keep(LockGuard guard) {
		long now = System.currentTimeMillis();
		String key = guard.key();
		this.guards.put(key, guard);
		guard.onLost(() -> answer("told " + key));
		answer("granted " + guard.fencingToken() + " " + now);
	}

	private void close(String key) {
		LockGuard guard = this.guards.remove(key);
		if (guard == null) {
			throw new IllegalStateException("no guard of '" + key + "'");
		}
		try {
			guard.close();
			answer("closed " + key);
		}
		catch (LockLostException ex) {
			answer("lost " + key);
		}
	}

	/** Increments the row of the counter in a way that is not safe without the lock. */
	private void count(String key, int times) throws Exception {
		try (Connection connection = this.database.dataSource().getConnection();
				Statement statement = connection.createStatement()) {
			for (int i = 0; i < times; i++) {
				try (LockGuard guard = manager().lock(key, Duration.ofMinutes(1))) {
					int before = read(statement);
					// time for the other process to do the same
					Thread.sleep(3);
					statement.executeUpdate("update counter set n = " + (before + 1));
				}
			}
		}
		answer("counted");
	}

	private static int read(Statement statement) throws Exception {
		try (ResultSet row = statement.executeQuery("select n from counter")) {
			row.next();
			return row.getInt(1);
		}
	}

	private void exit() {
		manager().close();
		Runtime.getRuntime().exit(0);
	}

}
