package org.crossprocesslock.benchmarks.worker;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Terms;
import org.crossprocesslock.benchmarks.database.Database;

/**
 * Starts a contender in the process.
 *
 * @param contender who
 * @param database on which database; the tables exist
 * @param terms what it is told
 */
public record OpenLocks(Contender contender, Database database, Terms terms) implements Task<Task.Done> {

	@Override
	public Done run(TaskRunner runner) {
		runner.open(this.contender.open(this.database, this.terms));
		return Done.DONE;
	}

}
