package org.crossprocesslock.benchmarks.worker;

/**
 * Has callers wait for keys that others hold, until the process ends.
 *
 * @param prefix how the keys begin; a number from 0 on follows
 * @param keys how many keys
 * @param callers how many callers, spread over the keys
 */
public record Enqueue(String prefix, int keys, int callers) implements Task<Task.Done> {

	@Override
	public Done run(TaskRunner runner) {
		for (int i = 0; i < this.callers; i++) {
			runner.locks().enqueue(this.prefix + (i % this.keys));
		}
		return Done.DONE;
	}

}
