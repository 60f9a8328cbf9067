package org.crossprocesslock.benchmarks.scenario;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.crossprocesslock.benchmarks.worker.CompilerTime;
import org.crossprocesslock.benchmarks.worker.Load;
import org.crossprocesslock.benchmarks.worker.LoadResult;
import org.crossprocesslock.benchmarks.worker.LongList;
import org.crossprocesslock.benchmarks.worker.Sections;

/** A load on all processes of a crew, once, and what can be read from it. */
final class LoadRun {

	private static final double NANOS_PER_MICRO = 1e3;

	private static final double NANOS_PER_SECOND = 1e9;

	/** The part of one processor that compilers use at most while they rest. */
	private static final double RESTING = 0.1;

	private final List<LoadResult> processes;

	private final Duration length;

	private LoadRun(List<LoadResult> processes, Duration length) {
		this.processes = processes;
		this.length = length;
	}

	/** Runs threads of each process after a warm-up. */
	static LoadRun of(Crew crew, List<String> keys, Load.Choice choice, int threads, Conditions conditions,
			Duration length) {
		warmUp(crew, keys, choice, threads, conditions);
		Load load = new Load(keys, choice, threads, System.nanoTime() + conditions.warmUp().toNanos(), length);
		return new LoadRun(crew.callAll(load), length);
	}

	/**
	 * Runs them until the compilers of the processes rest. They would take processors
	 * from what is measured, for the longer the more code there is.
	 */
	static void warmUp(Crew crew, List<String> keys, Load.Choice choice, int threads, Conditions conditions) {
		long length = conditions.warmUp().toMillis();
		long before = compilerMillis(crew);
		for (int i = 0; i < conditions.scale().warmUps(); i++) {
			crew.callAll(new Load(keys, choice, threads, System.nanoTime(), conditions.warmUp()));
			long after = compilerMillis(crew);
			if (after - before < length * RESTING) {
				return;
			}
			before = after;
		}
	}

	private static long compilerMillis(Crew crew) {
		return crew.callAll(new CompilerTime()).stream().mapToLong(Long::longValue).sum();
	}

	static LoadRun of(List<LoadResult> processes, Duration length) {
		return new LoadRun(processes, length);
	}

	double pairsPerSecond() {
		return this.processes.stream().mapToLong(LoadResult::pairs).sum() * NANOS_PER_SECOND / this.length.toNanos();
	}

	double pairMicros(double share) {
		return LongList.percentile(threads().map(LoadResult.OfAThread::pairNanos).toList(), share) / NANOS_PER_MICRO;
	}

	/** The largest count of a thread, as a multiple of the mean. */
	double busiestThread() {
		long[] pairs = threads().mapToLong(LoadResult.OfAThread::pairs).toArray();
		return LongStream.of(pairs).max().orElseThrow() / mean(pairs);
	}

	/** The largest count of a process, as a multiple of the mean. */
	double busiestProcess() {
		long[] pairs = pairsOfProcesses();
		return LongStream.of(pairs).max().orElseThrow() / mean(pairs);
	}

	/** The smallest count of a process, as a multiple of the mean. */
	double idlestProcess() {
		long[] pairs = pairsOfProcesses();
		return LongStream.of(pairs).min().orElseThrow() / mean(pairs);
	}

	double violations() {
		Collection<Sections> sections = threads().map(LoadResult.OfAThread::sections).toList();
		return Sections.violations(sections);
	}

	private long[] pairsOfProcesses() {
		return this.processes.stream().mapToLong(LoadResult::pairs).toArray();
	}

	private Stream<LoadResult.OfAThread> threads() {
		return this.processes.stream().flatMap((process) -> process.threads().stream());
	}

	private static double mean(long[] pairs) {
		return LongStream.of(pairs).average().orElseThrow();
	}

}
