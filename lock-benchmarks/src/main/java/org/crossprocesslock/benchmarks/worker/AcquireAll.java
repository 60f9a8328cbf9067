package org.crossprocesslock.benchmarks.worker;

/**
 * Acquires keys and keeps them.
 *
 * @param prefix how they begin; a number from 0 on follows
 * @param count how many
 */
public record AcquireAll(String prefix, int count) implements Task<Task.Done> {

	@Override
	public Done run(TaskRunner runner) throws InterruptedException {
		for (int i = 0; i < this.count; i++) {
			runner.held().add(runner.locks().acquire(this.prefix + i));
		}
		return Done.DONE;
	}

}
