package org.crossprocesslock.lease;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.Command.Answer;

/**
 * A thread that makes calls of the store, one at a time. Renewals have one of their own,
 * so that they never wait behind the work on keys.
 */
final class Lane implements AutoCloseable {

	private final ExecutorService thread;

	private final LeaseStore store;

	private final Consumer<Answer> answers;

	Lane(String name, LeaseStore store, Consumer<Answer> answers) {
		this.thread = Executors.newSingleThreadExecutor((task) -> {
			Thread created = new Thread(task, name);
			created.setDaemon(true);
			return created;
		});
		this.store = store;
		this.answers = answers;
	}

	void run(Command command) {
		this.thread.execute(() -> this.answers.accept(answer(command)));
	}

	private Answer answer(Command command) {
		try {
			return command.runOn(this.store);
		}
		catch (LockStoreException ex) {
			return new Answer.NoAnswer(ex);
		}
		catch (RuntimeException | Error ex) {
			// a defect of the store must not end the lane: without it nothing is renewed
			// any more
			return new Answer.NoAnswer(new LockStoreException("The lock store broke on " + command, ex, true));
		}
	}

	@Override
	public void close() {
		this.thread.shutdown();
	}

}
