package org.crossprocesslock.lease;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.engine.EngineThreads;
import org.crossprocesslock.lease.Command.Answer;

/**
 * Makes calls of the store, each on a thread that no other call under way uses, nor the
 * delivery of an answer. The machine decides how many there are.
 */
final class Lane implements AutoCloseable {

	private final ExecutorService threads;

	private final LeaseStore store;

	Lane(String name, LeaseStore store) {
		this.threads = Executors.newCachedThreadPool(EngineThreads.named(name));
		this.store = store;
	}

	void run(Command command, Consumer<Answer> answers) {
		this.threads.execute(() -> answers.accept(answer(command)));
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
		this.threads.shutdown();
	}

}
