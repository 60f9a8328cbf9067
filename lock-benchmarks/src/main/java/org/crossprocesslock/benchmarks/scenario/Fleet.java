package org.crossprocesslock.benchmarks.scenario;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.Set;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.database.StatementCounter;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.CloseFleet;
import org.crossprocesslock.benchmarks.worker.OpenFleet;
import org.crossprocesslock.benchmarks.worker.TakeTurns;
import org.crossprocesslock.benchmarks.worker.Turns;
import org.crossprocesslock.benchmarks.worker.TaskProcess;

/**
 * Many processes that all wait for one key, again and again. They live in a few virtual
 * machines, since as many machines as processes would measure the memory.
 */
final class Fleet implements Scenario {

	private static final String KEY = "key-0";

	private static final Duration HOLD = Duration.ofMillis(3);

	private static final int MACHINES = 2;

	/** Begins as a crowd: for so long for each process it forms its line. */
	private static final Duration FORMING = Duration.ofMillis(50);

	@Override
	public String id() {
		return "10";
	}

	@Override
	public String title() {
		return "A fleet that waits for one key";
	}

	@Override
	public Set<Product> products() {
		return Set.of(Product.POSTGRESQL);
	}

	@Override
	public boolean countsStatements() {
		return true;
	}

	@Override
	public boolean dependsOnFlush() {
		return false;
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		Contender contender = Contender.of(Library.CROSSPROCESSLOCK);
		return workbench.conditions()
			.scale()
			.fleets()
			.stream()
			.map((size) -> new Trial(variant(size), contender.name(), () -> measure(workbench, contender, size)))
			.toList();
	}

	private static String variant(int size) {
		return size + " processes";
	}

	private static Map<Metric, Double> measure(Workbench workbench, Contender contender, int size) throws Exception {
		Conditions conditions = workbench.conditions();
		Database database = workbench.database(contender, variant(size));
		StatementCounter counter = new StatementCounter(workbench.server(), database);
		List<TaskProcess> machines = workbench.processes(contender, MACHINES);
		try {
			for (int i = 0; i < MACHINES; i++) {
				int members = (size + i) / MACHINES;
				machines.get(i).call(new OpenFleet(database, members));
			}
			Thread.sleep(conditions.scale().settle().toMillis());
			double idle = connections(database);
			long from = System.nanoTime() + conditions.warmUp().plus(FORMING.multipliedBy(size)).toNanos();
			long until = from + conditions.length().toNanos();
			List<CompletableFuture<TakeTurns.Taken>> taking = machines.stream()
				.map((machine) -> machine.submit(new TakeTurns(KEY, HOLD, until)))
				.toList();
			sleepUntil(from);
			long before = counter.count();
			sleepUntil(until);
			long statements = counter.count() - before;
			double contending = connections(database);
			List<Turns> turns = new ArrayList<>();
			taking.forEach((taken) -> turns.addAll(taken.join().turns()));
			return metrics(new FleetRun(turns, from, conditions.length()), statements, idle / size, contending / size);
		}
		finally {
			machines.forEach((machine) -> machine.call(new CloseFleet()));
		}
	}

	private static Map<Metric, Double> metrics(FleetRun run, long statements, double idle, double contending) {
		Map<Metric, Double> metrics = new EnumMap<>(Metric.class);
		metrics.put(Metric.PAIRS, run.turnsPerSecond());
		metrics.put(Metric.HAND_OVER_P50, run.handOverMillis(0.5));
		metrics.put(Metric.HAND_OVER_P99, run.handOverMillis(0.99));
		metrics.put(Metric.STATEMENTS_A_TURN, (double) statements / Math.max(1, run.turns()));
		metrics.put(Metric.LEAST_TO_MOST, run.leastToMost());
		metrics.put(Metric.CONNECTIONS_IDLE, idle);
		metrics.put(Metric.CONNECTIONS, contending);
		metrics.put(Metric.VIOLATIONS, run.violations());
		return metrics;
	}

	private static void sleepUntil(long nanos) throws InterruptedException {
		Thread.sleep(Math.max(0, (nanos - System.nanoTime()) / 1_000_000));
	}

	/** How many sessions are open in the database, without the one that asks. */
	private static double connections(Database database) throws SQLException {
		try (Connection connection = database.unpooled().getConnection();
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery("""
						select count(*) - 1 from pg_stat_activity where datname = current_database()""")) {
			row.next();
			return row.getDouble(1);
		}
	}

	@Override
	public List<Target> targets() {
		String most = variant(200);
		return List.of(
				Target.atMost(6, "200 processes, statements a turn", Compared.number(most, Metric.STATEMENTS_A_TURN)),
				Target.atLeast(0.8, "200 processes, turns, times those of 2",
						Compared.timesVariant(Metric.PAIRS, most, variant(2))),
				Target.atMost(3, "200 processes, 99 % of the hand-overs, times their median",
						Compared.timesMetric(most, Metric.HAND_OVER_P99, Metric.HAND_OVER_P50)),
				Target.atLeast(0.8, "200 processes, turns of the least served, times those of the most served",
						Compared.number(most, Metric.LEAST_TO_MOST)),
				Target.atMost(1, "200 processes, connections of an idle one",
						Compared.number(most, Metric.CONNECTIONS_IDLE)),
				Target.atMost(0, "200 processes, overlaps", Compared.number(most, Metric.VIOLATIONS)));
	}

}
