package org.crossprocesslock.benchmarks.worker;

/**
 * Acquires keys and keeps them.
 *
 * @param prefix how they begin; a number from 0 on follows
 * @param count how many
 */
public record AcquireAll(String prefix, int count) implements Task<Task.Done> {

	@Override
	public Done run(Worker worker) throws InterruptedException {
		for (int i = 0; i < this.count; i++) {
			worker.held().add(worker.locks().acquire(this.prefix + i));
		}
		return Done.DONE;
	}

}
