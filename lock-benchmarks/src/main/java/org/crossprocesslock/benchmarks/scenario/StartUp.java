package org.crossprocesslock.benchmarks.scenario;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.crossprocesslock.LockManager;
import org.crossprocesslock.autoconfigure.LockProperties;
import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Library;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.startup.StartedService;
import org.crossprocesslock.benchmarks.worker.ClassPath;
import org.crossprocesslock.benchmarks.worker.JavaCommand;

/** A small service that starts, with the starter on its class path and without. */
final class StartUp implements Scenario {

	private static final String WITH = "with the starter";

	private static final String WITHOUT = "without";

	/** One start is quick and says little. */
	private static final int STARTS_IN_A_ROUND = 4;

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
		return List.of(new Trial("", WITH, () -> start(workbench, ClassPath.ofThisProcess())),
				new Trial("", WITHOUT, () -> start(workbench,
						ClassPath.ofThisProcess().without(LockProperties.class).without(LockManager.class))));
	}

	private static Map<Metric, Double> start(Workbench workbench, ClassPath classPath) throws Exception {
		String url = workbench.database(Contender.of(Library.CROSSPROCESSLOCK), "").url();
		Process process = JavaCommand
			.of(classPath.toString(), List.of(), StartedService.class, "--spring.datasource.url=" + url)
			.start();
		try (BufferedReader output = process.inputReader()) {
			String millis = Objects.requireNonNull(output.readLine(), "The service has not started");
			process.waitFor();
			return Map.of(Metric.START_UP, Double.valueOf(millis));
		}
		catch (IOException ex) {
			throw new IllegalStateException("The service has not started", ex);
		}
	}

	@Override
	public List<Target> targets() {
		return List.of(Target.atMost(60, "milliseconds more than without the starter",
				(result) -> result.difference("", Metric.START_UP, WITH, WITHOUT)));
	}

	@Override
	public int rounds(Conditions conditions) {
		return conditions.rounds() * STARTS_IN_A_ROUND;
	}

	@Override
	public boolean dependsOnFlush() {
		return false;
	}

}
