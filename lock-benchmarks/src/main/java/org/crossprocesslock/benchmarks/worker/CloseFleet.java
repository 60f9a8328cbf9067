package org.crossprocesslock.benchmarks.worker;

import org.crossprocesslock.benchmarks.contender.Locks;

/** Ends what {@link OpenFleet} has started, all at once. */
public record CloseFleet() implements Task<Task.Done> {

	@Override
	public Done run(TaskRunner runner) {
		runner.fleet().parallelStream().forEach(Locks::close);
		runner.fleet().clear();
		return Done.DONE;
	}

}
