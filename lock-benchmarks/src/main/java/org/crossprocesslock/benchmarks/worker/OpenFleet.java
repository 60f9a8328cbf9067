package org.crossprocesslock.benchmarks.worker;

import org.crossprocesslock.benchmarks.contender.LeaseLocks;
import org.crossprocesslock.benchmarks.database.Database;

/**
 * Starts this library several times in the process, as if in as many processes.
 *
 * @param database on which database; the tables exist
 * @param size how often
 */
public record OpenFleet(Database database, int size) implements Task<Task.Done> {

	@Override
	public Done run(TaskRunner runner) {
		long process = ProcessHandle.current().pid();
		for (int i = 0; i < this.size; i++) {
			runner.fleet().add(new LeaseLocks(this.database, "member-" + i + "-of-" + process));
		}
		return Done.DONE;
	}

}
