package org.crossprocesslock.faults;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;

import javax.sql.DataSource;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.crossprocesslock.LockListener;
import org.crossprocesslock.LockManager;
import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.LeaseLockManager;
import org.crossprocesslock.lease.LeaseOptions;
import org.crossprocesslock.lease.jdbc.JdbcLeaseStore;
import org.crossprocesslock.processes.ChildJvm;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of a {@link ChildJvm} that works under the locks of a database until it
 * is told to {@code leave}. Its arguments are an {@link Assignment}.
 */
final class WorkingProcess {

	private static final Logger logger = LoggerFactory.getLogger(WorkingProcess.class);

	/** Each waits a second for a connection. */
	private static final int STARTS = 20;

	private final Shift shift = new Shift();

	private final LongAdder losses = new LongAdder();

	private final List<Connection> borrowed = new ArrayList<>();

	private final HikariDataSource pool;

	private final LockManager manager;

	private final SectionRecord record;

	private WorkingProcess(Assignment assignment) throws Exception {
		DataSource database = BatteryDatabase.dataSource(assignment.url());
		this.pool = pool(database);
		JdbcLeaseStore store = store(JdbcLeaseStore.builder(this.pool)
			.leaseDuration(assignment.lease())
			.platform(assignment.dialect())
			.ownConnections(assignment.ownConnections() ? database : null));
		LeaseOptions options = LeaseOptions.defaults()
			.withLeaseDuration(assignment.lease())
			.withHolderName(assignment.stableName() ? assignment.holder() : null);
		this.manager = new LeaseLockManager(store, options, assignment.holder(), new LockListener() {
		});
		this.record = new SectionRecord(assignment.record());
		for (int i = 0; i < Assignment.WORKERS; i++) {
			SectionWorker worker = new SectionWorker(assignment.name(), this.manager, this.record, this.shift,
					this.losses);
			new Thread(worker, "worker-" + i).start();
		}
	}

	/** As whoever supervises a service does: the database may be away when it starts. */
	private static JdbcLeaseStore store(JdbcLeaseStore.Builder builder) {
		for (int attempt = 1;; attempt++) {
			try {
				return builder.build();
			}
			catch (LockStoreException ex) {
				if (ex.isPermanent() || attempt == STARTS) {
					throw ex;
				}
			}
		}
	}

	private static HikariDataSource pool(DataSource database) {
		HikariConfig config = new HikariConfig();
		config.setDataSource(database);
		config.setMaximumPoolSize(Assignment.POOL_SIZE);
		config.setConnectionTimeout(1000);
		config.setValidationTimeout(500);
		// a pool that asks its first connection for it, and loses that, never recovers
		config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
		// the database may be away when the process starts
		config.setInitializationFailTimeout(-1);
		return new HikariDataSource(config);
	}

	public static void main(String[] arguments) throws Exception {
		((ch.qos.logback.classic.Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
		WorkingProcess process = new WorkingProcess(Assignment.of(arguments));
		ExecutorService executor = Executors.newSingleThreadExecutor();
		answer("working");
		// read on this thread alone, so that the end of the parent is noticed at once
		BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = commands.readLine(); line != null; line = commands.readLine()) {
			String command = line;
			executor.execute(() -> process.obeyOrDie(command));
		}
		Runtime.getRuntime().halt(0);
	}

	private static void answer(String line) {
		PrintStream output = System.out;
		output.println(ChildJvm.ANSWER + line);
		output.flush();
	}

	private void obeyOrDie(String command) {
		try {
			obey(command);
		}
		catch (Throwable ex) {
			// the parent shows what this process has printed
			logger.error("Failed: {}", command, ex);
			Runtime.getRuntime().halt(1);
		}
	}

	private void obey(String command) throws Exception {
		switch (command) {
			case "use-up-pool" -> useUpPool();
			case "free-pool" -> freePool();
			case "rest" -> {
				this.shift.rest();
				answer("resting " + this.losses.sumThenReset());
			}
			case "resume" -> {
				this.shift.resume();
				answer("resumed");
			}
			case "threads" -> answer("threads " + threadsOfTheLibrary());
			case "leave" -> leave();
			default -> throw new IllegalArgumentException(command);
		}
	}

	private void useUpPool() {
		try {
			while (this.borrowed.size() < Assignment.POOL_SIZE) {
				this.borrowed.add(this.pool.getConnection());
			}
		}
		catch (SQLException ex) {
			// with the database away there is less to use up
			logger.debug("The pool has nothing to give", ex);
		}
	}

	private void freePool() {
		for (Connection connection : this.borrowed) {
			try {
				connection.close();
			}
			catch (SQLException ex) {
				// it broke meanwhile; the pool has it back all the same
				logger.debug("A connection of the pool was broken", ex);
			}
		}
		this.borrowed.clear();
	}

	private static List<String> threadsOfTheLibrary() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.map(Thread::getName)
			.filter((name) -> name.startsWith("cross-process-lock"))
			.sorted()
			.toList();
	}

	/**
	 * Gives everything back; the process goes on so that it can be asked what is left.
	 */
	private void leave() throws Exception {
		this.shift.finish();
		this.manager.close();
		this.pool.close();
		this.record.close();
		answer("left");
	}

}
