package org.crossprocesslock.benchmarks.scenario;

import java.util.List;

/**
 * How much of everything there is.
 *
 * @param heldKeys numbers of keys that are held at once
 * @param waitingCallers how many callers wait
 * @param fewIdleRows rows of a small table
 * @param manyIdleRows rows of a large table
 * @param fairSeconds for how long to run where processes compete
 * @param settleSeconds how long to wait until things go their usual way
 * @param watchSeconds for how long to watch what happens seldom
 */
public record Scale(List<Integer> heldKeys, int waitingCallers, int fewIdleRows, int manyIdleRows, int fairSeconds,
		int settleSeconds, int watchSeconds) {

	/** What the results are about. */
	public static Scale full() {
		return new Scale(List.of(1, 100, 10_000), 10_000, 1_000, 5_000_000, 10, 5, 30);
	}

	/** Only to see that it runs. */
	public static Scale small() {
		return new Scale(List.of(1, 20), 20, 100, 1_000, 1, 1, 2);
	}

}
