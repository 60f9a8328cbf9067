package org.crossprocesslock.benchmarks.worker;

/** Ends the contender in the process. */
public record CloseLocks() implements Task<Task.Done> {

	@Override
	public Done run(TaskRunner runner) {
		runner.close();
		return Done.DONE;
	}

}
