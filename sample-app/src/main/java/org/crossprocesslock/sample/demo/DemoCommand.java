package org.crossprocesslock.sample.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;

import org.crossprocesslock.sample.order.Order;
import org.crossprocesslock.sample.order.OrderFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import org.springframework.jdbc.CannotGetJdbcConnectionException;

/** Runs the demo. */
@Command(name = "demo", sortOptions = false,
		description = { "Starts several processes of this service on one database, lets them number the orders, kills "
				+ "or stops one while it works, and judges the result." },
		footer = { "", "The demo has two tables of its own (" + DemoDatabase.TABLE_PREFIX
				+ "...), which it drops and creates when it starts; on a database of yours they stay for you to look "
				+ "at. One demo at a time per database.", "",
				"Exit codes: 0 nothing is missing or doubled, 1 something is (to be expected with --without-lock and "
						+ "--without-fencing) or the demo failed, 2 wrong arguments or order file." })
public final class DemoCommand implements Callable<Integer> {

	private static final int FEWEST = 2;

	private static final int MOST = 16;

	private static final String JDBC = "jdbc";

	private static final String FILE = "file";

	@Option(names = "--instances", paramLabel = "N", defaultValue = "3",
			description = "How many processes, " + FEWEST + " to " + MOST + ". Default: ${DEFAULT-VALUE}.")
	private int instances;

	@Option(names = "--orders", paramLabel = "FILE",
			description = "CSV file of orders instead of the bundled one (1000 orders).")
	private @Nullable Path orders;

	@Option(names = "--backend", paramLabel = "BACKEND", defaultValue = JDBC,
			description = "Where the lock is: '" + JDBC + "', in the database, or '" + FILE
					+ "', on a file in a temporary directory. Default: ${DEFAULT-VALUE}.")
	private String backend = JDBC;

	@Option(names = "--stall", description = "Stop a process with SIGSTOP instead of killing it, and continue it after "
			+ "another has taken over: it tries to commit what it had begun. Not on Windows.")
	private boolean stall;

	@Option(names = "--browser",
			description = "Slowly, to watch in a browser: prints the address of a page that shows which process has "
					+ "the lock, who waits, and every take-over. One process after the other is killed or stopped.")
	private boolean browser;

	@Option(names = "--without-fencing",
			description = "With --stall: do not check the lock before a commit, to show what goes wrong.")
	private boolean withoutFencing;

	@Option(names = "--without-lock", description = "The same run without the lock, to see it go wrong.")
	private boolean withoutLock;

	@Option(names = "--spring.datasource.url", paramLabel = "URL",
			description = "JDBC URL of a database to use instead of a temporary one, PostgreSQL for example.")
	private @Nullable String url;

	@Option(names = "--spring.datasource.username", paramLabel = "NAME", defaultValue = "", description = "Its user.")
	private String username = "";

	@Option(names = "--spring.datasource.password", paramLabel = "PASSWORD", defaultValue = "",
			description = "The user's password.")
	private String password = "";

	@Option(names = { "-h", "--help" }, usageHelp = true, description = "Print this and exit.")
	@SuppressWarnings("unused") // picocli reads it
	private boolean help;

	@Spec
	private @Nullable CommandSpec spec;

	@Override
	public Integer call() throws Exception {
		require(this.instances >= FEWEST && this.instances <= MOST,
				"--instances is " + this.instances + ", not between " + FEWEST + " and " + MOST);
		require(this.backend.equals(JDBC) || this.backend.equals(FILE),
				"--backend is '" + this.backend + "', neither '" + JDBC + "' nor '" + FILE + "'");
		require(!this.withoutLock || !this.backend.equals(FILE),
				"--backend=file and --without-lock exclude each other");
		require(!this.stall || (!this.withoutLock && !this.backend.equals(FILE)),
				"--stall shows how a lock in the database is lost; a lock on a file is not lost by stopping, and without "
						+ "a lock there is none to lose");
		require(!this.withoutFencing || this.stall, "--without-fencing makes a difference with --stall only");
		require(!this.browser || (!this.stall && !this.withoutLock && !this.backend.equals(FILE)),
				"--browser shows the lock in the database, of processes that are killed and stopped; it goes with neither "
						+ "--stall nor --without-lock nor --backend=file");
		require(!this.stall || canStop(), "--stall needs SIGSTOP, which Windows does not have");
		require(this.url == null || (this.url.startsWith("jdbc:") && !this.url.contains(":mem:")),
				"--spring.datasource.url '" + this.url + "' is not the JDBC URL of a database that processes share");
		List<Order> orders = OrderFile.of(this.orders).read();
		PrintWriter out = spec().commandLine().getOut();
		try (DemoDatabase database = openDatabase(); DemoLock lock = openLock()) {
			fill(database, orders);
			out.printf(Locale.ROOT, "%d orders, %d processes %s, on %s%n", orders.size(), this.instances, lock,
					database.url());
			if (this.browser) {
				return run(new BrowserRun(database, lock, this.instances, out), lock, database);
			}
			return run(new DemoRun(database, lock, this.stall ? Mishap.STOPPED : Mishap.KILLED, orders.size(),
					this.instances, out), lock, database);
		}
	}

	static boolean canStop() {
		return !System.getProperty("os.name").startsWith("Windows");
	}

	private static int run(Run run, DemoLock lock, DemoDatabase database) throws Exception {
		Runtime.getRuntime().addShutdownHook(new Thread(() -> {
			run.close();
			lock.close();
			database.close();
		}, "interrupted-demo"));
		try (run) {
			return run.run();
		}
	}

	private DemoDatabase openDatabase() throws IOException {
		if (this.url == null) {
			return DemoDatabase.temporary();
		}
		return DemoDatabase.existing(this.url, this.username, this.password);
	}

	private DemoLock openLock() throws IOException {
		if (this.withoutLock) {
			return DemoLock.none();
		}
		if (this.withoutFencing) {
			return DemoLock.unfenced();
		}
		return this.backend.equals(FILE) ? DemoLock.inFiles() : DemoLock.inDatabase();
	}

	private void fill(DemoDatabase database, List<Order> orders) {
		try {
			database.fill(orders);
		}
		catch (CannotGetJdbcConnectionException ex) {
			throw new ParameterException(spec().commandLine(),
					"No connection to " + database.url() + ": " + ex.getMostSpecificCause().getMessage(), ex);
		}
	}

	private void require(boolean condition, String message) {
		if (!condition) {
			throw new ParameterException(spec().commandLine(), message);
		}
	}

	private CommandSpec spec() {
		return Objects.requireNonNull(this.spec, "set by picocli");
	}

}
