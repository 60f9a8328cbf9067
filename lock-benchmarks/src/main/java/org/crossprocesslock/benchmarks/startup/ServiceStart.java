package org.crossprocesslock.benchmarks.startup;

import java.lang.management.ManagementFactory;
import java.util.List;

import com.sun.management.OperatingSystemMXBean;

/**
 * How a service has started.
 *
 * @param millis milliseconds from the start of the JVM
 * @param cpuMillis processor time of all its threads, in milliseconds
 * @param withLocks whether it has locks
 */
public record ServiceStart(long millis, long cpuMillis, boolean withLocks) {

	private static final int NANOS_PER_MILLI = 1_000_000;

	static ServiceStart ofThisProcess(boolean withLocks) {
		long start = ManagementFactory.getRuntimeMXBean().getStartTime();
		long cpu = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
		return new ServiceStart(System.currentTimeMillis() - start, cpu / NANOS_PER_MILLI, withLocks);
	}

	/** Reads what {@link #toString()} has written. */
	public static ServiceStart parse(String line) {
		List<String> words = List.of(line.split(" ", -1));
		return new ServiceStart(Long.parseLong(words.get(0)), Long.parseLong(words.get(1)),
				Boolean.parseBoolean(words.get(2)));
	}

	@Override
	public String toString() {
		return this.millis + " " + this.cpuMillis + " " + this.withLocks;
	}

}
