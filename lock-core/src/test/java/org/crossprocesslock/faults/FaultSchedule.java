package org.crossprocesslock.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

import org.crossprocesslock.Eventually;

/**
 * What goes wrong when, drawn from a seed. Three lines of faults run side by side: one
 * for each half of the processes and one for the database. Each line has every fault of
 * its kind once, in an order and for lengths that the seed decides.
 *
 * @param seed where it all comes from
 * @param lines the lines
 */
record FaultSchedule(long seed, List<List<Entry>> lines) {

	/** Shorter and longer than the lease, the latter for what must outlast it. */
	private static final Duration SHORTEST = Assignment.LEASE.dividedBy(5);

	private static final Duration LONGEST = Assignment.LEASE.multipliedBy(3).dividedBy(2);

	private static final Duration LONGEST_PAUSE = Assignment.LEASE.dividedBy(2);

	/** Far longer than a schedule takes, for a machine that has other things to do. */
	private static final Duration PATIENCE = Eventually.LIMIT.multipliedBy(3);

	/**
	 * One fault.
	 *
	 * @param fault the fault
	 * @param process the process that it hits, if it hits one
	 * @param pause how long all is well in this line before
	 * @param length how long it lasts
	 */
	record Entry(Fault fault, int process, Duration pause, Duration length) {

		@Override
		public String toString() {
			return "after " + this.pause.toMillis() + " ms " + this.fault + " "
					+ (Fault.ofProcesses().contains(this.fault) ? this.process + " " : "") + "for "
					+ this.length.toMillis() + " ms";
		}

	}

	static FaultSchedule of(long seed) {
		Random random = new Random(seed);
		int half = Crew.SIZE / 2;
		return new FaultSchedule(seed, List.of(line(Fault.ofProcesses(), 0, half, random),
				line(Fault.ofProcesses(), half, Crew.SIZE, random), line(Fault.ofDatabases(), 0, 1, random)));
	}

	private static List<Entry> line(List<Fault> faults, int from, int to, Random random) {
		List<Fault> shuffled = new ArrayList<>(faults);
		Collections.shuffle(shuffled, random);
		List<Entry> line = new ArrayList<>();
		for (Fault fault : shuffled) {
			Duration shortest = (fault == Fault.STOPPED) ? Assignment.LEASE : SHORTEST;
			line.add(new Entry(fault, from + random.nextInt(to - from), between(Duration.ZERO, LONGEST_PAUSE, random),
					between(shortest, LONGEST, random)));
		}
		return List.copyOf(line);
	}

	private static Duration between(Duration least, Duration most, Random random) {
		return least.plusNanos((long) (random.nextDouble() * most.minus(least).toNanos()));
	}

	/** Has it all happen; when this returns all is well again. */
	void play(Scene scene) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(this.lines.size());
		try {
			List<Future<?>> running = new ArrayList<>();
			for (List<Entry> line : this.lines) {
				running.add(threads.submit(() -> {
					for (Entry entry : line) {
						play(entry, scene);
					}
					return true;
				}));
			}
			await(running);
		}
		finally {
			threads.shutdownNow();
		}
	}

	/** What failed in one line may be why another one failed. */
	private static void await(List<Future<?>> lines) throws InterruptedException {
		AssertionError failed = new AssertionError("Faults could not be played to their end");
		for (Future<?> line : lines) {
			try {
				line.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
			}
			catch (TimeoutException ex) {
				failed.addSuppressed(
						new AssertionError("The faults did not end within " + PATIENCE + ". Threads: " + stacks(), ex));
			}
			catch (ExecutionException ex) {
				failed.addSuppressed(ex.getCause());
			}
		}
		if (failed.getSuppressed().length > 0) {
			throw failed;
		}
	}

	/** Where the threads of this process are, one line each. */
	private static String stacks() {
		return Thread.getAllStackTraces()
			.entrySet()
			.stream()
			.map((each) -> each.getKey().getName() + " " + Arrays.toString(each.getValue()))
			.collect(Collectors.joining("\n"));
	}

	private static void play(Entry entry, Scene scene) throws Exception {
		Thread.sleep(entry.pause().toMillis());
		Remedy remedy = entry.fault().strike(scene, entry.process());
		try {
			Thread.sleep(entry.length().toMillis());
		}
		finally {
			remedy.apply();
		}
	}

	@Override
	public String toString() {
		return "seed " + this.seed + ":\n"
				+ this.lines.stream()
					.map((line) -> line.stream().map(Entry::toString).collect(Collectors.joining(", ")))
					.collect(Collectors.joining("\n"));
	}

}
