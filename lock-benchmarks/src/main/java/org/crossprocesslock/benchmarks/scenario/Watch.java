package org.crossprocesslock.benchmarks.scenario;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

import org.crossprocesslock.benchmarks.database.BenchmarkServer;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.database.StatementCounter;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.worker.TaskProcess;

/** Looks on for some time while a process does what it does by itself. */
final class Watch {

	private static final double NANOS_PER_MILLI = 1e6;

	private static final double NANOS_PER_SECOND = 1e9;

	private Watch() {
	}

	/**
	 * What is done in each second, for one process that uses locks in one database.
	 */
	static Map<Metric, Double> of(BenchmarkServer server, Database database, TaskProcess client, Duration time)
			throws Exception {
		StatementCounter counter = new StatementCounter(server, database);
		long begin = System.nanoTime();
		long statements = counter.count();
		Duration clientCpu = cpu(Stream.of(client.handle()));
		Duration serverCpu = serverCpu(server);
		Thread.sleep(time.toMillis());
		Duration clientCpuSince = cpu(Stream.of(client.handle())).minus(clientCpu);
		Duration serverCpuSince = serverCpu(server).minus(serverCpu);
		long statementsSince = counter.count() - statements;
		double seconds = (System.nanoTime() - begin) / NANOS_PER_SECOND;
		return Map.of(Metric.STATEMENTS, statementsSince / seconds, Metric.CLIENT_CPU,
				clientCpuSince.toNanos() / NANOS_PER_MILLI / seconds, Metric.SERVER_CPU,
				serverCpuSince.toNanos() / NANOS_PER_MILLI / seconds);
	}

	private static Duration serverCpu(BenchmarkServer server) {
		ProcessHandle first = server.process();
		return cpu(Stream.concat(Stream.of(first), first.children()));
	}

	private static Duration cpu(Stream<ProcessHandle> processes) {
		return processes.flatMap((process) -> process.info().totalCpuDuration().stream())
			.reduce(Duration.ZERO, Duration::plus);
	}

}
