package org.crossprocesslock.benchmarks.result;

/** What can be measured. */
public enum Metric {

	/** Acquisition with its release. */
	PAIR_P50("acquire and release, median", "µs", false),

	/** Acquisition with its release. */
	PAIR_P99("99 %", "µs", false),

	/** Acquisitions with their releases. */
	PAIRS("pairs per second", "", true),

	/** Pairs of the thread that got most, in shares that are equal if all are equal. */
	BUSIEST_THREAD("busiest thread", "x fair share", false),

	/** Pairs of the process that got most. */
	BUSIEST_PROCESS("busiest process", "x fair share", false),

	/** Pairs of the process that got least. */
	IDLEST_PROCESS("idlest process", "x fair share", true),

	/** Sections of one key that were not one after the other. */
	VIOLATIONS("overlaps", "", false),

	/** From the begin of a release to the acquisition by a waiter. */
	HAND_OVER_P50("release to acquired, median", "ms", false),

	/** From the begin of a release to the acquisition by a waiter. */
	HAND_OVER_P90("90 %", "ms", false),

	/** From the begin of a release to the acquisition by a waiter. */
	HAND_OVER_P99("99 %", "ms", false),

	/** From the death of a holder to the acquisition by a waiter. */
	TAKE_OVER_P50("SIGKILL to acquired, median", "ms", false),

	/** From the death of a holder to the acquisition by a waiter. */
	TAKE_OVER_P99("SIGKILL to acquired, 99 %", "ms", false),

	/** From the request of a key to its acquisition. */
	LONGEST_WAIT("longest wait", "ms", false),

	/** Turns of the process that got least, in those of the one that got most. */
	LEAST_TO_MOST("least served process", "x most served", true),

	/** Statements that read or write rows, for each acquisition with its release. */
	STATEMENTS_A_TURN("statements a turn", "", false),

	/** Sessions of the database. */
	CONNECTIONS_IDLE("connections of an idle process", "", false),

	/** Sessions of the database. */
	CONNECTIONS("of one that waits", "", false),

	/** Statements that read or write rows. */
	STATEMENTS("statements per second", "", false),

	/** Processor time of the processes that use locks. */
	CLIENT_CPU("CPU of the clients", "ms/s", false),

	/** Processor time of the database's processes. */
	SERVER_CPU("CPU of the server", "ms/s", false),

	/** From the start of the JVM to a started application. */
	START_UP("start-up", "ms", false),

	/** Processor time until then. */
	START_UP_CPU("CPU until then", "ms", false),

	/** One call. */
	CALL("one call", "ns", false),

	/** What one call leaves to the garbage collector. */
	ALLOCATION("allocated", "B", false);

	private final String title;

	private final String unit;

	private final boolean moreIsBetter;

	Metric(String title, String unit, boolean moreIsBetter) {
		this.title = title;
		this.unit = unit;
		this.moreIsBetter = moreIsBetter;
	}

	/** For people, with the unit. */
	public String title() {
		return this.unit.isEmpty() ? this.title : this.title + ", " + this.unit;
	}

	/** Whether a larger number is a better one. */
	public boolean moreIsBetter() {
		return this.moreIsBetter;
	}

}
