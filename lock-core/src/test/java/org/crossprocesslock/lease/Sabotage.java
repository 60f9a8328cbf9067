package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;

import org.crossprocesslock.lease.Command.Answer;
import org.crossprocesslock.lease.LeaseMachine.CommitStart;
import org.jspecify.annotations.Nullable;

/**
 * A way to break the protocol from outside the machine: in the store, on the way there
 * and back, or in what the machine is told of the time. Each process has its own; what is
 * not overridden stays as it should be.
 */
class Sabotage {

	SimulatedStore store(LongSupplier clockMicros, Duration answerLimit) {
		return new SimulatedStore(clockMicros, answerLimit);
	}

	UUID leaseId(String process, UUID fresh) {
		return fresh;
	}

	double clockRate(double drawn) {
		return drawn;
	}

	long answerLimitNanos(long nanos) {
		return nanos;
	}

	/** For how long keys really linger. */
	Duration linger(Duration drawn) {
		return drawn;
	}

	/** The requests that are begun when this one is made. */
	List<SimulatedRequest> requested(SimulatedRequest request) {
		return List.of(request);
	}

	/** What really goes to the store. */
	Command sent(Command command) {
		return command;
	}

	/** An answer to give at once, without the store, or {@code null} to ask it. */
	@Nullable Answer insteadOfSending(Command command) {
		return null;
	}

	/** Whether success is reported at once, while the statement is still on its way. */
	boolean isAnsweredBeforehand(Command command) {
		return false;
	}

	/** What the machine hears. */
	Answer heard(Command command, Answer answer, long tookNanos) {
		return answer;
	}

	/** What the machine believes the time to be. */
	Instants told(Instants now) {
		return now;
	}

	Instants toldOnClose(Holding hold, Instants now) {
		return now;
	}

	long wakeDelay(long nanos) {
		return nanos;
	}

	void granted(Holding hold) {
	}

	/** The token that the caller sees. */
	long token(Holding hold) {
		return hold.token();
	}

	/** Whether the machine is told that a transaction commits under a guard. */
	boolean marksCommits() {
		return true;
	}

	/** Whether a transaction commits all the same when its guard cannot be in commit. */
	boolean commitsAfter(CommitStart refused) {
		return false;
	}

	/** What the machine is told about the end of a transaction. */
	boolean knownOutcome(boolean known) {
		return known;
	}

	/** Whether transactions begin when the guard is asked for. */
	boolean readsBeforeTheGrant() {
		return false;
	}

	/** Whether an operator releases the row and leaves the guards alone. */
	boolean releasesUnderItsGuards() {
		return false;
	}

	/** Whether the take-over deletes by name instead of by the ids that it has read. */
	boolean takesOverByName() {
		return false;
	}

}
