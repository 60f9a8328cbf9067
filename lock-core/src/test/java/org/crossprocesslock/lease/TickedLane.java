package org.crossprocesslock.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.Command.Answer;
import org.jspecify.annotations.Nullable;

/**
 * One of the two lanes of a {@link TickedProcess}: the test decides when its statement
 * runs, and what is heard of it.
 */
final class TickedLane {

	/** While set, statements are sent but nothing becomes of them. */
	boolean hangs;

	/** While set, statements run but their answers are lost. */
	boolean answersAreLost;

	private final LeaseStore store;

	private final Consumer<Answer> receiver;

	private final List<Command> sent = new ArrayList<>();

	private @Nullable Command pending;

	TickedLane(LeaseStore store, Consumer<Answer> receiver) {
		this.store = store;
		this.receiver = receiver;
	}

	void send(Command command) {
		if (this.pending != null) {
			throw new AssertionError(command + " was sent while " + this.pending + " was under way");
		}
		this.pending = command;
		this.sent.add(command);
	}

	/** The statement under way. */
	Command pending() {
		return Objects.requireNonNull(this.pending, "no statement is under way");
	}

	boolean isIdle() {
		return this.pending == null;
	}

	boolean canGoOn() {
		return !isIdle() && !this.hangs;
	}

	/** Runs the statement in the store; its answer is still on its way back. */
	Answer run() {
		return pending().runOn(this.store);
	}

	void answer(Answer answer) {
		Objects.requireNonNull(this.pending, "no statement is under way");
		this.pending = null;
		this.receiver.accept(answer);
	}

	/** The usual case: the statement runs and is answered. */
	void goOn() {
		Answer answer;
		try {
			answer = run();
		}
		catch (LockStoreException ex) {
			answer = new Answer.NoAnswer(ex);
		}
		if (this.answersAreLost) {
			giveUp(false);
		}
		else {
			answer(answer);
		}
	}

	/** No answer comes, whether the statement has run or not. */
	LockStoreException giveUp(boolean permanent) {
		LockStoreException failure = new LockStoreException("lost", new IllegalStateException(), permanent);
		answer(new Answer.NoAnswer(failure));
		return failure;
	}

	/** All statements of the kind that were ever sent. */
	<T extends Command> List<T> sent(Class<T> kind) {
		return this.sent.stream().filter(kind::isInstance).map(kind::cast).toList();
	}

	int sentCount() {
		return this.sent.size();
	}

}
