package org.crossprocesslock.lease;

import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.LongSupplier;

import org.crossprocesslock.LockListener;
import org.crossprocesslock.engine.Callbacks;
import org.crossprocesslock.engine.ListenerQueue;
import org.crossprocesslock.engine.TimeSource;

/**
 * What a manager runs on: threads, clocks and chance. This is all that a simulation
 * replaces.
 */
class Host {

	private final TimeSource time;

	Host(TimeSource time) {
		this.time = time;
	}

	TimeSource time() {
		return this.time;
	}

	/** Throws what the machine throws if it has no thread to give. */
	StoreCaller caller(String name, LeaseStore store) {
		return StoreThread.started(name, store);
	}

	/**
	 * Makes a timer and does not start it.
	 * @param turn as for a {@link TimerThread}
	 */
	Timer timer(String name, LongSupplier turn) {
		return new TimerThread(name, turn);
	}

	/** Where the listener is told. */
	ListenerQueue queue(LockListener listener) {
		return new ListenerQueue(listener);
	}

	/** Where callbacks of lost guards run. */
	Callbacks losses() {
		return Callbacks.LOSSES;
	}

	/** Where futures are completed. */
	Callbacks futures() {
		return Callbacks.FUTURES;
	}

	Deliveries deliveries() {
		return new Deliveries();
	}

	LeaseMachine machine(LeaseOptions options, String label, long answerLimitNanos) {
		return new LeaseMachine(options, label, answerLimitNanos, Agenda.WORTH_ANOTHER, KeyMemory.REMEMBERED,
				UUID::randomUUID, new SplittableRandom(), Instants.of(this.time));
	}

}
