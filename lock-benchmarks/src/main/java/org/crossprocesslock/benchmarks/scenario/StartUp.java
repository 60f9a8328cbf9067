package org.crossprocesslock.benchmarks.scenario;

import java.io.BufferedReader;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockProperties;
import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.startup.ServiceStart;
import org.crossprocesslock.benchmarks.startup.StartedService;
import org.crossprocesslock.benchmarks.worker.ClassPath;
import org.crossprocesslock.benchmarks.worker.JavaCommand;

/** A small service that starts, with the starter on its class path and without. */
final class StartUp implements Scenario {

	private static final String WITH = "with the starter";

	private static final String WITHOUT = "without";

	@Override
	public String id() {
		return "9";
	}

	@Override
	public String title() {
		return "Start-up of a service";
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		return List.of(new Trial("", WITH, () -> measure(workbench, ClassPath.ofThisProcess(), true)),
				new Trial("", WITHOUT, () -> measure(workbench,
						ClassPath.ofThisProcess().without(LockProperties.class).without(LockManager.class), false)));
	}

	private static Map<Metric, Double> measure(Workbench workbench, ClassPath classPath, boolean withLocks)
			throws Exception {
		ServiceStart start = start(workbench.database(Contender.of(Library.CROSSPROCESSLOCK), ""), classPath);
		if (start.withLocks() != withLocks) {
			throw new IllegalStateException("The service has started with the wrong class path: " + classPath);
		}
		return Map.of(Metric.START_UP, (double) start.millis(), Metric.START_UP_CPU, (double) start.cpuMillis());
	}

	private static ServiceStart start(Database database, ClassPath classPath) throws Exception {
		Process process = JavaCommand
			.of(classPath, List.of(), StartedService.class, "--spring.datasource.url=" + database.url())
			.start();
		try (BufferedReader output = process.inputReader()) {
			String line = Objects.requireNonNull(output.readLine(), "The service has not started");
			process.waitFor();
			return ServiceStart.parse(line);
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(Target.atMost(60, "milliseconds more than without the starter",
				(result) -> result.difference("", Metric.START_UP, WITH, WITHOUT)));
	}

	@Override
	public int rounds(Conditions conditions) {
		return conditions.rounds() * conditions.scale().starts();
	}

	@Override
	public boolean dependsOnFlush() {
		return false;
	}

}
