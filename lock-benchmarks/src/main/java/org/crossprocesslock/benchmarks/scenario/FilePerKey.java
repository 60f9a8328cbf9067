package org.crossprocesslock.benchmarks.scenario;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.crossprocesslock.benchmarks.contender.FileLibrary;
import org.crossprocesslock.benchmarks.database.Product;
import org.crossprocesslock.benchmarks.result.Metric;
import org.crossprocesslock.benchmarks.result.Target;
import org.crossprocesslock.benchmarks.worker.Acquire;
import org.crossprocesslock.benchmarks.worker.CloseLocks;
import org.crossprocesslock.benchmarks.worker.Contest;
import org.crossprocesslock.benchmarks.worker.Load;
import org.crossprocesslock.benchmarks.worker.LongList;
import org.crossprocesslock.benchmarks.worker.OpenFileLocks;
import org.crossprocesslock.benchmarks.worker.Release;
import org.crossprocesslock.benchmarks.worker.TaskProcess;

/**
 * A file for each key, beside the bare calls of the platform: opening, locking and
 * closing a file, and those without which there are no turns and no tokens. The latter
 * take several times as long in a process that has just been woken, since all they need
 * has to come into the caches first; so a hand-over is compared with them.
 */
final class FilePerKey implements Scenario {

	private static final String KEY = "key-0";

	private static final String WARM_UP_KEY = "warm-up";

	private static final Duration HOLD = Duration.ofMillis(1);

	private static final int SHORTEST_WAIT_MILLIS = 5;

	private static final int LONGEST_WAIT_MILLIS = 25;

	private static final int KILLS_FOR_A_START = 5;

	/** Where Linux tells which process waits for a lock. */
	private static final Path KERNEL_LIST = Path.of("/proc/locks");

	private static final double NANOS_PER_MILLI = 1e6;

	private static final String ONE_THREAD = "1 thread";

	private static final String THREADS = "8 threads, 1 key";

	private static final String HAND_OVER = "hand-over";

	private static final String TAKE_OVER = "take-over";

	@Override
	public String id() {
		return "files";
	}

	@Override
	public Set<Product> products() {
		return Set.of(Product.POSTGRESQL);
	}

	@Override
	public String title() {
		return "A file for each key";
	}

	@Override
	public List<Trial> trials(Workbench workbench) {
		Conditions conditions = workbench.conditions();
		List<Trial> trials = new ArrayList<>();
		for (FileLibrary library : FileLibrary.values()) {
			trials.add(trial(ONE_THREAD, library, 1, conditions, (crew) -> load(crew, 1, conditions)));
		}
		trials.add(trial(THREADS, FileLibrary.CROSSPROCESSLOCK, 1, conditions, (crew) -> load(crew, 8, conditions)));
		for (FileLibrary library : FileLibrary.values()) {
			for (int processes : List.of(2, 4)) {
				trials.add(
						trial(contest(processes), library, processes, conditions, (crew) -> compete(crew, conditions)));
			}
			trials.add(trial(HAND_OVER, library, 2, conditions, (crew) -> handOver(crew, conditions)));
			trials.add(new Trial(TAKE_OVER, library.title(), () -> takeOver(library, conditions)));
		}
		return trials;
	}

	private static String contest(int processes) {
		return processes + " processes, 1 ms";
	}

	private static Trial trial(String variant, FileLibrary library, int processes, Conditions conditions,
			Measurement measurement) {
		return new Trial(variant, library.title(), () -> {
			try (Group group = new Group(library, conditions)) {
				IntStream.range(0, processes).forEach((i) -> group.start());
				return measurement.of(group.members);
			}
		});
	}

	private static Map<Metric, Double> load(List<TaskProcess> crew, int threads, Conditions conditions) {
		Load load = new Load(List.of(KEY), Load.Choice.OWN, threads, System.nanoTime() + conditions.warmUp().toNanos(),
				conditions.length());
		LoadRun run = LoadRun.of(List.of(crew.get(0).call(load)), conditions.length());
		return Map.of(Metric.PAIR_P50, run.pairMicros(0.5), Metric.PAIRS, run.pairsPerSecond(), Metric.VIOLATIONS,
				run.violations());
	}

	private static Map<Metric, Double> compete(List<TaskProcess> crew, Conditions conditions) {
		Contest contest = new Contest(KEY, HOLD, System.nanoTime() + conditions.warmUp().toNanos(),
				conditions.scale().settle());
		List<CompletableFuture<LongList>> running = crew.stream().map((member) -> member.submit(contest)).toList();
		List<LongList> waits = running.stream().map(CompletableFuture::join).toList();
		double turns = waits.stream().mapToInt(LongList::size).sum();
		double least = waits.stream().mapToInt(LongList::size).min().orElseThrow();
		return Map.of(Metric.IDLEST_PROCESS, least * crew.size() / turns, Metric.LONGEST_WAIT,
				LongList.percentile(waits, 1) / NANOS_PER_MILLI);
	}

	private static Map<Metric, Double> handOver(List<TaskProcess> crew, Conditions conditions)
			throws InterruptedException {
		LongList nanos = new LongList();
		warmUp(crew, conditions);
		TaskProcess holder = crew.get(0);
		TaskProcess waiter = crew.get(1);
		holder.call(new Acquire(KEY));
		long end = System.nanoTime() + conditions.length().toNanos();
		while (nanos.size() == 0 || System.nanoTime() - end < 0) {
			CompletableFuture<Long> acquired = waiter.submit(new Acquire(KEY));
			pause();
			long released = holder.call(new Release());
			nanos.add(acquired.join() - released);
			TaskProcess next = waiter;
			waiter = holder;
			holder = next;
		}
		holder.call(new Release());
		return Map.of(Metric.HAND_OVER_P50, LongList.percentile(List.of(nanos), 0.5) / NANOS_PER_MILLI,
				Metric.HAND_OVER_P99, LongList.percentile(List.of(nanos), 0.99) / NANOS_PER_MILLI);
	}

	/**
	 * Whoever takes over is the next to be killed. The kernel ends the locks of a process
	 * after it has given back its memory, so all processes have the same classes loaded,
	 * whoever's locks they use.
	 */
	private static Map<Metric, Double> takeOver(FileLibrary library, Conditions conditions) throws Exception {
		LongList nanos = new LongList();
		try (Group group = new Group(library, conditions)) {
			TaskProcess holder = started(group);
			holder.call(new Acquire(KEY));
			for (int i = 0; i < conditions.scale().starts() * KILLS_FOR_A_START; i++) {
				TaskProcess waiter = started(group);
				CompletableFuture<Long> acquired = waiter.submit(new Acquire(KEY));
				untilInLine(waiter, conditions.scale().settle());
				long killed = System.nanoTime();
				holder.handle().destroyForcibly();
				nanos.add(acquired.join() - killed);
				holder = waiter;
			}
		}
		return Map.of(Metric.TAKE_OVER_P50, LongList.percentile(List.of(nanos), 0.5) / NANOS_PER_MILLI,
				Metric.TAKE_OVER_P99, LongList.percentile(List.of(nanos), 0.99) / NANOS_PER_MILLI);
	}

	/** Has loaded the classes, which is no part of taking over. */
	private static TaskProcess started(Group group) {
		TaskProcess member = group.start(FileLibrary.CROSSPROCESSLOCK);
		warmUp(member);
		member.call(new CloseLocks());
		group.open(member, group.library);
		warmUp(member);
		return member;
	}

	private static void warmUp(TaskProcess member) {
		member.call(new Acquire(WARM_UP_KEY));
		member.call(new Release());
	}

	/**
	 * Who is not in line yet when the key becomes free takes over later than it could.
	 */
	private static void untilInLine(TaskProcess waiter, Duration longest) throws IOException, InterruptedException {
		String pid = String.valueOf(waiter.handle().pid());
		long end = System.nanoTime() + longest.toNanos();
		while (System.nanoTime() - end < 0) {
			if (Files.isReadable(KERNEL_LIST) && Files.readAllLines(KERNEL_LIST)
				.stream()
				.map((line) -> List.of(line.trim().split(" +", -1)))
				.anyMatch((parts) -> parts.contains("->") && parts.contains(pid))) {
				return;
			}
			Thread.sleep(1);
		}
	}

	/** Has all processes wait for one key, and take it, very often. */
	private static void warmUp(List<TaskProcess> crew, Conditions conditions) {
		Contest contest = new Contest(WARM_UP_KEY, Duration.ZERO, System.nanoTime(), conditions.warmUp());
		List<CompletableFuture<LongList>> running = crew.stream().map((member) -> member.submit(contest)).toList();
		running.forEach(CompletableFuture::join);
	}

	private static void pause() throws InterruptedException {
		Thread.sleep(new SplittableRandom().nextInt(SHORTEST_WAIT_MILLIS, LONGEST_WAIT_MILLIS));
	}

	@Override
	public List<Target> targets() {
		String subject = FileLibrary.CROSSPROCESSLOCK.title();
		String bare = FileLibrary.BARE.title();
		String bareLine = FileLibrary.BARE_LINE.title();
		List<Target> targets = new ArrayList<>();
		targets.add(Target.atMost(3, "pair, times a bare open, lock and close",
				(result) -> result.ratio(ONE_THREAD, Metric.PAIR_P50, subject, bare)));
		targets.add(Target.atMost(2, "hand-over, median, times that of two processes with the bare calls for it",
				(result) -> result.ratio(HAND_OVER, Metric.HAND_OVER_P50, subject, bareLine)));
		targets.add(Target.atMost(5, "milliseconds of a hand-over, 99 %",
				(result) -> result.median(HAND_OVER, subject, Metric.HAND_OVER_P99)));
		for (int processes : List.of(2, 4)) {
			targets.add(Target.atLeast(0.8, "fair shares of the idlest of " + processes + " processes",
					(result) -> result.median(contest(processes), subject, Metric.IDLEST_PROCESS)));
		}
		targets.add(Target.atMost(50, "milliseconds that one of four processes waits at most",
				(result) -> result.median(contest(4), subject, Metric.LONGEST_WAIT)));
		targets.add(Target.atMost(20, "milliseconds from SIGKILL to the next holder, 99 %",
				(result) -> result.median(TAKE_OVER, subject, Metric.TAKE_OVER_P99)));
		targets.add(Target.atMost(2, "take-over after SIGKILL, median, times that of bare processes",
				(result) -> result.ratio(TAKE_OVER, Metric.TAKE_OVER_P50, subject, bare)));
		return targets;
	}

	@Override
	public boolean dependsOnFlush() {
		return false;
	}

	/** Measures a group of processes with open locks. */
	private interface Measurement {

		Map<Metric, Double> of(List<TaskProcess> crew) throws Exception;

	}

	/** Processes on one directory, for one measurement. */
	private static final class Group implements AutoCloseable {

		private final FileLibrary library;

		private final Conditions conditions;

		private final Path directory;

		private final List<TaskProcess> members = new ArrayList<>();

		Group(FileLibrary library, Conditions conditions) throws IOException {
			this.library = library;
			this.conditions = conditions;
			this.directory = Files.createTempDirectory("benchmark-locks");
		}

		TaskProcess start() {
			return start(this.library);
		}

		TaskProcess start(FileLibrary library) {
			try {
				TaskProcess member = TaskProcess.start(this.conditions.scale().jvmOptions());
				this.members.add(member);
				open(member, library);
				return member;
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}

		void open(TaskProcess member, FileLibrary library) {
			member.call(new OpenFileLocks(library, this.directory.toFile()));
		}

		@Override
		public void close() throws IOException {
			this.members.forEach(TaskProcess::close);
			try (var files = Files.list(this.directory)) {
				for (Path file : files.toList()) {
					Files.delete(file);
				}
			}
			Files.delete(this.directory);
		}

	}

}
