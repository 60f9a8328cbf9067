package org.crossprocesslock.lease;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

import org.crossprocesslock.LockStoreException;
import org.crossprocesslock.lease.Command.Answer;

/**
 * Statements of a {@link TickedProcess} that are under way: the test decides when the
 * first of them runs, and what is heard of it.
 */
final class TickedSlot {

	/** While set, statements are sent but nothing becomes of them. */
	boolean hangs;

	/** While set, statements run but their answers are lost. */
	boolean answersAreLost;

	/** What fails cannot succeed until something changes elsewhere. */
	boolean forGood;

	private final LeaseStore store;

	private final int most;

	private final BiConsumer<Command, Answer> receiver;

	private final List<Command> sent = new ArrayList<>();

	private final Deque<Command> pending = new ArrayDeque<>();

	TickedSlot(LeaseStore store, int most, BiConsumer<Command, Answer> receiver) {
		this.store = store;
		this.most = most;
		this.receiver = receiver;
	}

	void send(Command command) {
		if (this.pending.size() == this.most) {
			throw new AssertionError(command + " was sent while " + this.pending + " were under way");
		}
		this.pending.add(command);
		this.sent.add(command);
	}

	/** Nobody waits for it any more; it may run all the same. */
	void drop(Command command) {
		this.pending.removeIf((each) -> each == command);
	}

	/** The statement that has been under way for longest. */
	Command pending() {
		return Objects.requireNonNull(this.pending.peek(), "no statement is under way");
	}

	/** The statement of the kind that is under way. */
	<T extends Command> T pending(Class<T> kind) {
		List<T> pending = this.pending.stream().filter(kind::isInstance).map(kind::cast).toList();
		if (pending.size() != 1) {
			throw new AssertionError("Under way: " + this.pending);
		}
		return pending.get(0);
	}

	/** All statements that are under way, the one for longest first. */
	List<Command> underWay() {
		return List.copyOf(this.pending);
	}

	int pendingCount() {
		return this.pending.size();
	}

	boolean isIdle() {
		return this.pending.isEmpty();
	}

	boolean canGoOn() {
		return !isIdle() && !this.hangs;
	}

	/** Runs the statement in the store; its answer is still on its way back. */
	Answer run() {
		return pending().runOn(this.store);
	}

	void answer(Answer answer) {
		answer(pending(), answer);
	}

	void answer(Command command, Answer answer) {
		this.pending.removeIf((each) -> each == command);
		this.receiver.accept(command, answer);
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
			giveUp(this.forGood);
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
