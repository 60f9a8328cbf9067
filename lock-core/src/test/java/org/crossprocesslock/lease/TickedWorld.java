package org.crossprocesslock.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Time that passes only when a test says so, and a store for the processes in it.
 */
final class TickedWorld {

	static final LeaseOptions OPTIONS = LeaseOptions.defaults();

	static final Duration LEASE = OPTIONS.leaseDuration();

	static final Duration HEARTBEAT = OPTIONS.renewInterval();

	/** From then on a process no longer believes in a lease that was not renewed. */
	static final Duration LOCAL_DEADLINE = LEASE.minus(LEASE.dividedBy(LeaseTerm.DRIFT_MARGIN_DIVISOR));

	static final Duration ANSWER_LIMIT = LEASE.dividedBy(4);

	private static final int MOST_STEPS = 200_000;

	final SimulatedStore store = new SimulatedStore(this::databaseMicros, ANSWER_LIMIT);

	private final List<TickedProcess> processes = new ArrayList<>();

	// the monotonic clock wraps during most tests
	private long nanos = Long.MAX_VALUE - Duration.ofSeconds(3).toNanos();

	private long wallNanos = Duration.ofDays(20_000).toNanos();

	private long databaseNanos = Duration.ofDays(20_000).toNanos();

	Instants now() {
		return new Instants(this.nanos, this.wallNanos / 1_000_000);
	}

	private long databaseMicros() {
		return this.databaseNanos / 1000;
	}

	/** A process that has not done anything yet. */
	TickedProcess process(LeaseOptions options, String label) {
		TickedProcess process = new TickedProcess(this, options, label, this.processes.size());
		this.processes.add(process);
		return process;
	}

	/** A process whose lease is open. */
	TickedProcess running(String label) {
		return running(OPTIONS, label);
	}

	/** The same with other options. */
	TickedProcess running(LeaseOptions options, String label) {
		TickedProcess process = process(options, label);
		process.timePasses();
		process.settle();
		return process;
	}

	/** All clocks move on; nobody is told. */
	void pass(Duration time) {
		this.nanos += time.toNanos();
		this.wallNanos += time.toNanos();
		this.databaseNanos += time.toNanos();
	}

	/** The machine slept: its monotonic clock stood still. */
	void sleep(Duration time) {
		this.wallNanos += time.toNanos();
		this.databaseNanos += time.toNanos();
	}

	void setDatabaseClockBack(Duration time) {
		this.databaseNanos -= time.toNanos();
	}

	/** A process that hears and does nothing any more. */
	void kill(TickedProcess process) {
		this.processes.remove(process);
	}

	/** Time passes, every process wakes when it wants to, and statements run at once. */
	void run(Duration time) {
		this.processes.forEach(TickedProcess::settle);
		long end = this.nanos + time.toNanos();
		for (int i = 0; end - this.nanos > 0; i++) {
			if (i > MOST_STEPS) {
				throw new AssertionError("A process wakes without end");
			}
			long step = end - this.nanos;
			for (TickedProcess process : this.processes) {
				step = Math.min(step, Math.max(0, process.wakeIn()));
			}
			pass(Duration.ofNanos(step));
			for (TickedProcess process : this.processes) {
				process.timePasses();
				process.settle();
			}
		}
	}

}
