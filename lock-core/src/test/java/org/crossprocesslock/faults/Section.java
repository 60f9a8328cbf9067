package org.crossprocesslock.faults;

import java.time.Duration;

/**
 * A critical section as far as its guard said that it was held.
 *
 * <p>
 * Both ends are {@link System#nanoTime()} of the process that ran it. On Linux that is
 * CLOCK_MONOTONIC, which counts from the boot of the machine and so is one clock for all
 * processes of a host; this is what lets sections of different processes be compared.
 * </p>
 *
 * @param process the process that ran it, one name per start
 * @param key the key
 * @param token the fencing token of its guard
 * @param shared whether the guard was shared in the process
 * @param begin read before the guard first said that it was held
 * @param until read before the guard last said so
 */
record Section(String process, String key, long token, boolean shared, long begin, long until) {

	/** Whether the two must not happen at once. */
	boolean excludes(Section other) {
		boolean together = this.shared && other.shared && this.process.equals(other.process)
				&& this.token == other.token;
		return this.key.equals(other.key) && !together;
	}

	/** As one line of a record. */
	String toLine() {
		return this.process + " " + this.key + " " + this.token + " " + this.shared + " " + this.begin + " "
				+ this.until;
	}

	static Section ofLine(String line) {
		String[] words = line.split(" ", -1);
		return new Section(words[0], words[1], Long.parseLong(words[2]), Boolean.parseBoolean(words[3]),
				Long.parseLong(words[4]), Long.parseLong(words[5]));
	}

	@Override
	public String toString() {
		return this.process + " held '" + this.key + "' with token " + this.token + (this.shared ? " (shared)" : "")
				+ " from " + this.begin + " for " + Duration.ofNanos(this.until - this.begin);
	}

}
