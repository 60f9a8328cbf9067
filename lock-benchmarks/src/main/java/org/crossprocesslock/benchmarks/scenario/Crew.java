package org.crossprocesslock.benchmarks.scenario;

import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.crossprocesslock.benchmarks.contender.Contender;
import org.crossprocesslock.benchmarks.contender.Terms;
import org.crossprocesslock.benchmarks.database.Database;
import org.crossprocesslock.benchmarks.worker.CloseLocks;
import org.crossprocesslock.benchmarks.worker.OpenLocks;
import org.crossprocesslock.benchmarks.worker.Task;
import org.crossprocesslock.benchmarks.worker.TaskProcess;

/**
 * Processes in which one contender is open, until this closes. The processes stay.
 */
final class Crew implements AutoCloseable {

	private final List<TaskProcess> members;

	private Crew(List<TaskProcess> members) {
		this.members = members;
	}

	static Crew open(List<TaskProcess> members, Contender contender, Database database, Terms terms) {
		Crew crew = new Crew(List.copyOf(members));
		crew.callAll(new OpenLocks(contender, database, terms));
		return crew;
	}

	TaskProcess member(int number) {
		return this.members.get(number);
	}

	/** Has all do the same at once, and waits for all. */
	<T extends Serializable> List<T> callAll(Task<T> task) {
		List<CompletableFuture<T>> answers = this.members.stream().map((member) -> member.submit(task)).toList();
		return answers.stream().map(CompletableFuture::join).toList();
	}

	@Override
	public void close() {
		callAll(new CloseLocks());
	}

}
