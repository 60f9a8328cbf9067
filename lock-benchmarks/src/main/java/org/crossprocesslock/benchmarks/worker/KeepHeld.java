package org.crossprocesslock.benchmarks.worker;

import java.time.Duration;

/**
 * Does for some time what has to be done by hand to keep what is held.
 *
 * @param interval between two renewals
 * @param time for how long
 */
public record KeepHeld(Duration interval, Duration time) implements Task<Task.Done> {

	@Override
	public Done run(TaskRunner runner) throws InterruptedException {
		long end = System.nanoTime() + this.time.toNanos();
		long next = System.nanoTime();
		while (next < end) {
			runner.locks().renewHeld();
			next += this.interval.toNanos();
			Thread.sleep(Math.max(0, Math.min(next, end) - System.nanoTime()) / 1_000_000);
		}
		return Done.DONE;
	}

}
