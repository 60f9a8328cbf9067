package org.crossprocesslock.benchmarks.worker;

import java.time.Duration;

import org.crossprocesslock.benchmarks.contender.Acquired;

/**
 * Asks for one key again and again and holds it for a moment each time. Answers how long
 * each request that counts has waited.
 *
 * @param key the key
 * @param hold for how long it is held
 * @param from when it begins to count, by the monotonic clock that the processes of a
 * host share
 * @param length for how long it counts
 */
public record Contest(String key, Duration hold, long from, Duration length) implements Task<LongList> {

	@Override
	public LongList run(TaskRunner runner) throws InterruptedException {
		LongList waits = new LongList();
		long end = this.from + this.length.toNanos();
		while (System.nanoTime() - end < 0) {
			long asked = System.nanoTime();
			Acquired held = runner.locks().acquire(this.key);
			if (asked - this.from >= 0) {
				waits.add(System.nanoTime() - asked);
			}
			Thread.sleep(this.hold.toMillis());
			held.release();
		}
		return waits;
	}

}
