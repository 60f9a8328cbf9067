package org.crossprocesslock.faults;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a {@link WorkingProcess} is told when it starts.
 *
 * @param url the database, as this process reaches it
 * @param dialect the dialect, so that it can start while the database cannot be reached
 * @param name its name, one per start
 * @param stableName whether its holder name outlives it, which is the name without what
 * follows the last dot
 * @param ownConnections whether its store has connections of its own, rather than
 * borrowing from the pool of the application
 * @param lease its lease duration
 * @param record where it writes its sections
 */
record Assignment(String url, String dialect, String name, boolean stableName, boolean ownConnections, Duration lease,
		Path record) {

	/**
	 * Of most of them. Short, so that much of what depends on its end happens in little
	 * time.
	 */
	static final Duration LEASE = Duration.ofMillis(1500);

	/** Few, so that all processes want the same. */
	static final List<String> KEYS = List.of("key-a", "key-b", "key-c", "key-d", "key-e", "key-f");

	/** Threads of a process that take keys. */
	static final int WORKERS = 4;

	/** Connections of the application's pool. */
	static final int POOL_SIZE = 2;

	/** How long a worker waits for a key. */
	static final Duration WAIT_TIME = LEASE;

	/** The longest section. */
	static final Duration LONGEST_SECTION = LEASE.multipliedBy(3).dividedBy(2);

	String holder() {
		return this.stableName ? this.name.substring(0, this.name.lastIndexOf('.')) : this.name;
	}

	String[] toArguments() {
		return new String[] { this.url, this.dialect, this.name, Boolean.toString(this.stableName),
				Boolean.toString(this.ownConnections), this.lease.toString(), this.record.toString() };
	}

	static Assignment of(String[] arguments) {
		return new Assignment(arguments[0], arguments[1], arguments[2], Boolean.parseBoolean(arguments[3]),
				Boolean.parseBoolean(arguments[4]), Duration.parse(arguments[5]), Path.of(arguments[6]));
	}

}
