package org.crossprocesslock.benchmarks.scenario;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Terms;
import org.crossprocesslock.benchmarks.database.BenchmarkServer;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.worker.TaskProcess;

/**
 * What a scenario has to work with: a new server, and processes that stay for all rounds,
 * so that what the compiler has learnt stays too. Each contender has processes and
 * databases of its own.
 */
public final class Workbench implements AutoCloseable {

	private final BenchmarkServer server;

	private final Conditions conditions;

	private final Map<Contender, List<TaskProcess>> processes = new HashMap<>();

	private final Map<Place, Database> databases = new HashMap<>();

	/** For one scenario. The server is closed by whoever started it. */
	public Workbench(BenchmarkServer server, Conditions conditions) {
		this.server = server;
		this.conditions = conditions;
	}

	/** How to measure. */
	public Conditions conditions() {
		return this.conditions;
	}

	/** The same for each of those that take part. */
	List<Trial> trials(String variant, Trial.RoundOfAContender round) {
		return trials(variant, this.conditions.contenders(), round);
	}

	/** The same for some contenders. */
	static List<Trial> trials(String variant, List<Contender> contenders, Trial.RoundOfAContender round) {
		return contenders.stream()
			.map((contender) -> new Trial(variant, contender.name(), () -> round.measure(contender)))
			.toList();
	}

	/** The server. */
	BenchmarkServer server() {
		return this.server;
	}

	/** Whether a contender has been given no database for a variant yet. */
	boolean isNew(Contender contender, String variant) {
		return !this.databases.containsKey(new Place(contender, variant));
	}

	/** The database of a contender in a variant, with its tables. */
	Database database(Contender contender, String variant) throws SQLException {
		Place place = new Place(contender, variant);
		Database database = this.databases.get(place);
		if (database == null) {
			database = this.server.createDatabase("benchmark_" + this.databases.size());
			contender.library().createTables(database);
			this.databases.put(place, database);
		}
		return database;
	}

	/** Starts a contender in some processes. */
	Crew crew(Contender contender, String variant, int size, Terms terms) throws IOException, SQLException {
		return Crew.open(processes(contender, size), contender, database(contender, variant), terms);
	}

	/** Processes of a contender in which nothing is open. */
	List<TaskProcess> processes(Contender contender, int size) throws IOException {
		List<TaskProcess> started = this.processes.computeIfAbsent(contender, (key) -> new ArrayList<>());
		while (started.size() < size) {
			started.add(TaskProcess.start(this.conditions.scale().jvmOptions()));
		}
		return List.copyOf(started.subList(0, size));
	}

	/** Ends the processes of a contender, with whatever they hold and wait for. */
	void discard(Contender contender) {
		List<TaskProcess> started = this.processes.remove(contender);
		if (started != null) {
			started.forEach(TaskProcess::close);
		}
	}

	@Override
	public void close() {
		this.processes.values().forEach((started) -> started.forEach(TaskProcess::close));
	}

	/** What has a database of its own. */
	private record Place(Contender contender, String variant) {

	}

}
