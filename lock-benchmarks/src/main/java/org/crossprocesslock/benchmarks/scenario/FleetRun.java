package org.crossprocesslock.benchmarks.scenario;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.crossprocesslock.benchmarks.worker.LongList;
import org.crossprocesslock.benchmarks.worker.Sections;
import org.crossprocesslock.benchmarks.worker.Turns;

/**
 * The turns of a fleet within a window, and what can be read from them.
 *
 * @param members the turns of each process
 * @param from when the window begins
 * @param length how long it is
 */
record FleetRun(List<Turns> members, long from, Duration length) {

	private static final double NANOS_PER_MILLI = 1e6;

	private static final double NANOS_PER_SECOND = 1e9;

	long turns() {
		return LongStream.of(turnsOfMembers()).sum();
	}

	double turnsPerSecond() {
		return turns() * NANOS_PER_SECOND / this.length.toNanos();
	}

	/** The smallest count of a process, as a multiple of the largest. */
	double leastToMost() {
		long[] turns = turnsOfMembers();
		return (double) LongStream.of(turns).min().orElseThrow()
				/ Math.max(1, LongStream.of(turns).max().orElseThrow());
	}

	/** From the release of each turn to the begin of the next one. */
	double handOverMillis(double share) {
		List<long[]> sorted = this.members.stream()
			.flatMap((member) -> IntStream.range(0, member.size())
				.mapToObj((turn) -> new long[] { member.from(turn), member.to(turn) }))
			.sorted(Comparator.comparingLong((turn) -> turn[0]))
			.toList();
		LongList nanos = new LongList();
		for (int i = 1; i < sorted.size(); i++) {
			if (isWithin(sorted.get(i)[0])) {
				nanos.add(sorted.get(i)[0] - sorted.get(i - 1)[1]);
			}
		}
		return LongList.percentile(List.of(nanos), share) / NANOS_PER_MILLI;
	}

	double violations() {
		return Sections.violations(this.members.stream().map(Turns::sections).toList());
	}

	private long[] turnsOfMembers() {
		return this.members.stream()
			.mapToLong(
					(member) -> IntStream.range(0, member.size()).filter((turn) -> isWithin(member.from(turn))).count())
			.toArray();
	}

	private boolean isWithin(long moment) {
		return moment - this.from >= 0 && moment - this.from < this.length.toNanos();
	}

}
